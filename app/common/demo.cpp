#include "common/demo.h"

#include "base/process.h"

#include <QCoreApplication>
#include <QDir>
#include <QDirIterator>

namespace ovvoc {

TaskResult<QString> makeDemoRepository(QString folder)
{
    const auto failed = [](const QString &why) {
        return fail(
            ErrorCode::InvalidInput,
            QCoreApplication::translate("Demo", "The demo repository cannot be made: %1").arg(why));
    };
    QString path = folder + "/release-board";
    for (int i = 2; QFileInfo::exists(path); ++i)
        path = folder + QStringLiteral("/release-board-%1").arg(i);
    QDirIterator files(":/demo", QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QString from = files.next();
        const QString to = path + from.mid(qsizetype(qstrlen(":/demo")));
        QDir().mkpath(QFileInfo(to).path());
        if (!QFile::copy(from, to))
            co_return failed(to);
        QFile::setPermissions(to, QFile::ReadOwner | QFile::WriteOwner);
    }
    const QList<QStringList> commands{
        {"init", "-q", "-b", "main"},
        {"add", "-A"},
        {"-c", "user.name=Demo", "-c", "user.email=demo@localhost.invalid", "-c",
         "commit.gpgsign=false", "commit", "-q", "--no-verify", "-m", "Begin"}};
    for (const QStringList &command : commands) {
        ProcessRequest git;
        git.program = "git";
        git.arguments = QStringList{"-C", path} + command;
        OVVOC_CO_TRY(outcome, co_await runProcess(git));
        if (outcome.exitCode != 0)
            co_return failed(QString::fromUtf8(outcome.errors).trimmed());
    }
    co_return path;
}

} // namespace ovvoc
