// When the schedule starts what, and what becomes of moments that were missed.

#include "clients/schedule.h"
#include "jobs/scheduler.h"
#include "support/fill.h"
#include "support/workspacebench.h"

#include <QDirIterator>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

Result<ClientRepository> addScheduled(Workspace &workspace, const Client &client,
                                      const QString &name, const QString &schedule)
{
    ClientRepository repository;
    repository.clientId = client.id;
    repository.name = name;
    repository.path = "/" + name;
    repository.overrides = {{"schedule", schedule}};
    return workspace.addRepository(repository);
}

} // namespace

class ScheduleTest : public QObject
{
    Q_OBJECT

private slots:
    void schedulesMeanWhatTheySay_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("next");
        // 2026-11-24 is a Tuesday.
        QTest::newRow("off") << "off" << "";
        QTest::newRow("hourly") << "hourly" << "2026-11-24T13:00";
        QTest::newRow("daily alone") << "daily" << "2026-11-25T06:00";
        QTest::newRow("weekly alone") << "weekly" << "2026-11-30T06:00";
        QTest::newRow("daily, later") << "daily 18:30" << "2026-11-24T18:30";
        QTest::newRow("daily, tomorrow") << "Daily 06:00" << "2026-11-25T06:00";
        QTest::newRow("weekly") << "weekly mon 06:00" << "2026-11-30T06:00";
        QTest::newRow("weekly today is over") << "weekly tuesday 12:00" << "2026-12-01T12:00";
        QTest::newRow("cron") << "*/20 9-17 * * mon-fri" << "2026-11-24T12:40";
        QTest::newRow("cron, a leap day") << "0 0 29 2 *" << "2028-02-29T00:00";
        QTest::newRow("cron, day or weekday") << "0 6 1 * sun" << "2026-11-29T06:00";
        QTest::newRow("cron, Sunday as 7") << "0 6 * * 7" << "2026-11-29T06:00";
        QTest::newRow("cron, never") << "0 0 31 2 *" << "";
    }
    void schedulesMeanWhatTheySay()
    {
        QFETCH(QString, text);
        QFETCH(QString, next);
        VERIFY_RESULT(schedule, Schedule::parse(text));
        const QDateTime now(QDate(2026, 11, 24), QTime(12, 20));
        QCOMPARE(schedule.next(now).toString("yyyy-MM-ddTHH:mm"), next);
    }

    void whatIsNoScheduleIsRefused()
    {
        for (const char *text : {"dayly", "daily 25:00", "weekly 06:00", "* * * *", "61 * * * *",
                                 "5-1 * * * *", "*/0 * * * *", "1,,2 * * * *", "a b c d e"})
            QVERIFY2(!Schedule::parse(text), text);
    }

    void theScheduleStartsWhatIsDueOnce()
    {
        WorkspaceBench bench;
        VERIFY_RESULT(workspace, bench.open());
        VERIFY_RESULT(client, workspace->addClient("Aurora"));
        const QDateTime now = QDateTime::currentDateTime();
        // Hours from now on whatever clock, so that the hourly one is always the first.
        const QString daily = now.addSecs(-2 * 3600).toString("'daily' HH:mm");
        QStringList ids;
        for (const QString &schedule : {QString("hourly"), QString("off"), daily}) {
            VERIFY_RESULT(added, addScheduled(*workspace, client, schedule.left(5), schedule));
            ids << added.id;
        }
        const auto archive = std::make_shared<JobArchive>(workspace);
        Scheduler scheduler(workspace, archive);
        VERIFY_RESULT(none, scheduler.due(now));
        QVERIFY(none.isEmpty()); // nothing is made up for what was before a repository was added
        VERIFY_RESULT(upcoming, scheduler.upcoming(now));
        QCOMPARE(upcoming.size(), 2);
        QCOMPARE(upcoming.first().repositoryId, ids[0]);
        QVERIFY(upcoming.first().time > now && upcoming.first().time <= now.addSecs(3600));
        // Two days later, as after a holiday: each is due once, not once for every moment missed.
        const QDateTime later = now.addDays(2);
        VERIFY_RESULT(due, scheduler.due(later));
        QCOMPARE(due.size(), 2);
        Job job = madeUpJob(*workspace->repository(client.id, ids[0]), client.name, 0);
        job.created = later.toUTC();
        VERIFY_DONE(archive->begin(job));
        VERIFY_DONE(archive->finish(job));
        VERIFY_RESULT(rest, scheduler.due(later));
        QCOMPARE(rest.size(), 1);
        QCOMPARE(rest.first().repositoryId, ids[2]);
        client.archived = true;
        VERIFY_DONE(workspace->saveClient(client));
        QVERIFY(scheduler.due(later)->isEmpty());
    }

    void aMomentThatCouldNotBeginIsDueAgain()
    {
        WorkspaceBench bench;
        VERIFY_RESULT(workspace, bench.open());
        VERIFY_RESULT(client, workspace->addClient("Aurora"));
        VERIFY_RESULT(added, addScheduled(*workspace, client, "shop", "* * * * *"));
        Scheduler scheduler(workspace, std::make_shared<JobArchive>(workspace));
        // A day from now: whatever the clock says, a moment has passed by then.
        const QDateTime later = QDateTime::currentDateTime().addDays(1);
        QList<ScheduledRun> told;
        connect(&scheduler, &Scheduler::dueNow, this,
                [&told](const ScheduledRun &run) { told << run; });
        scheduler.look(later);
        QCOMPARE(told.size(), 1);
        QCOMPARE(told.first().repositoryId, added.id);
        scheduler.look(later); // begun: once is enough
        QCOMPARE(told.size(), 1);
        // The engine was not up, so no job came of it.
        scheduler.postpone(told.first());
        scheduler.look(later);
        QCOMPARE(told.size(), 2);
        QCOMPARE(told[1].repositoryId, added.id);
    }

    void aClientThatCannotBeReadStopsNobodyElse()
    {
        WorkspaceBench bench;
        QString broken;
        {
            VERIFY_RESULT(workspace, bench.open());
            for (const char *name : {"Aurora", "Borealis"}) {
                VERIFY_RESULT(client, workspace->addClient(name));
                VERIFY_RESULT(added, addScheduled(*workspace, client, "shop", "hourly"));
                if (broken.isEmpty())
                    broken = client.id;
            }
        }
        QString file;
        QDirIterator files(bench.folder.path() + "/workspace", QDir::Files,
                           QDirIterator::Subdirectories);
        while (files.hasNext()) {
            const QString path = files.next();
            if (path.contains(broken) && path.endsWith(".db"))
                file = path;
        }
        QVERIFY2(!file.isEmpty(), "the client's own file");
        QFile content(file);
        QVERIFY(content.open(QIODevice::ReadWrite));
        QVERIFY(content.resize(0));
        QCOMPARE(content.write(QByteArray(8192, 'x')), 8192);
        content.close();
        VERIFY_RESULT(workspace, bench.open());
        Scheduler scheduler(workspace, std::make_shared<JobArchive>(workspace));
        VERIFY_RESULT(due, scheduler.due(QDateTime::currentDateTime().addDays(1)));
        QCOMPARE(due.size(), 1);
        QVERIFY(due.first().clientId != broken);
    }
};

QTEST_GUILESS_MAIN(ScheduleTest)
#include "tst_schedule.moc"
