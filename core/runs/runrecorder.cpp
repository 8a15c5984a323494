#include "runs/runrecorder.h"

#include "base/ids.h"
#include "base/logging.h"

#include <QCoreApplication>

namespace ovvoc {

namespace {

void tellOf(const Result<> &done)
{
    if (!done)
        log().error("run: {}", toString(done.error().code).toStdString());
}

} // namespace

RunRecorder::RunRecorder(std::shared_ptr<JobArchive> archive, QString program, QString process)
    : m_archive(std::move(archive))
    , m_program(std::move(program))
    , m_process(process.isEmpty() ? processIdentity() : std::move(process))
{ }

void RunRecorder::asked(const JobRequest &request)
{
    AskedRun run;
    run.request = request;
    run.asked = QDateTime::currentDateTimeUtc();
    run.program = m_program;
    run.process = m_process;
    run.begun = m_begun.take(request.id) + 1;
    tellOf(m_archive->keepAsked(run));
}

void RunRecorder::reported(const RunReport &report)
{
    tellOf(m_archive->keepRun(report.clientId, report.firstJob(), report.started, toJson(report)));
}

void RunRecorder::over(const JobRequest &request)
{
    tellOf(m_archive->dropAsked(request.clientId, request.id));
}

RunReport cutOff(RunReport report, const QString &why, const QDateTime &now)
{
    using State = GroupResult::State;
    for (GroupResult &group : report.groups) {
        if (group.state == State::Waiting || group.state == State::Trying
            || group.state == State::Cancelled) {
            group.state = State::NotTried;
            group.reason = why;
        }
    }
    report.ended = now;
    report.interrupted = true;
    report.notes << why;
    report.summary = summaryOf(report);
    return report;
}

Result<QList<AskedRun>> takeUp(JobArchive &archive, const QString &program, const QDateTime &now)
{
    OVVOC_TRY(left, archive.leftBehind());
    QList<AskedRun> on;
    for (const AskedRun &run : left) {
        const bool terminal = run.program == QLatin1String("ovvoc"); // nobody waits there any more
        if (!terminal && run.program != program)
            continue; // what belongs to the window waits for it
        const bool goesOn = !terminal && run.begun < mostBegun;
        OVVOC_TRY(kept, archive.runOf(run.request.clientId, run.request.id));
        const RunReport report = runReportFromJson(kept);
        if (!kept.isEmpty() && !report.ended.isValid()) {
            const QString why = goesOn
                ? QCoreApplication::translate("Run",
                                              "The program ended while this ran. What was left "
                                              "goes on as a run of its own.")
                : run.begun >= mostBegun
                ? QCoreApplication::translate("Run",
                                              "The program ended while this ran, and has done so "
                                              "each time. It is not begun again by itself.")
                : QCoreApplication::translate("Run",
                                              "The program ended while this ran. What it had found "
                                              "out holds; run it again for the rest.");
            OVVOC_CHECK(archive.keepRun(report.clientId, report.firstJob(), report.started,
                                        toJson(cutOff(report, why, now))));
        }
        if (goesOn)
            on << run;
        else
            OVVOC_CHECK(archive.dropAsked(run.request.clientId, run.request.id));
    }
    return on;
}

} // namespace ovvoc
