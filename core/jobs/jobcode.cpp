// What Transform does after the gate closed and before the seal: reads the repository's code, and
// lets the rules of the new versions change it. Nothing of the repository runs.

#include "jobs/codecell.h"

#include <QJsonDocument>
#include <QtConcurrent/QtConcurrentRun>
#include <algorithm>
#include <qcoro/qcorofuture.h>

namespace ovvoc {

namespace {

constexpr qint64 listLimit = 32 * 1024 * 1024;
const QString requestFile = QStringLiteral("/tmp/ovvoc-code.json");

} // namespace

/// The plain files of the commit: no links, no submodules.
TaskResult<QStringList> JobRunner::trackedFiles()
{
    ExecRequest list;
    list.command = QStringList{"git", "ls-tree", "-r", "-z", "HEAD"};
    list.environment = gitEnvironment();
    list.folder = repoFolder;
    list.outputLimit = listLimit;
    OVVOC_CO_TRY(listing, co_await m_cell->exec(std::move(list)));
    const QByteArray output = listing.output;
    const auto read = [output] {
        QStringList files;
        for (const QByteArray &line : output.split('\0')) {
            const qsizetype tab = line.indexOf('\t');
            if (tab > 0 && line.startsWith("100"))
                files << QString::fromUtf8(line.mid(tab + 1));
        }
        return files;
    };
    QFuture<QStringList> future = QtConcurrent::run(read);
    co_return co_await future;
}

/// What the program in the image says to a request.
TaskResult<QByteArray> JobRunner::askCodeProgram(QByteArray request)
{
    OVVOC_CO_CHECK(co_await writeFile(requestFile, request));
    ExecRequest exec = codeProgram(requestFile);
    exec.environment = environment(false);
    exec.timeoutSeconds = 24 * 3600; // the phase's own limit ends it
    OVVOC_CO_TRY(outcome, co_await m_cell->exec(std::move(exec)));
    if (outcome.exitCode != 0)
        co_return fail(ErrorCode::CommandFailed, tr("The code could not be read."),
                       QString::fromUtf8(outcome.errors.right(2000)));
    co_return outcome.output;
}

/// With \a hold it writes those files.
TaskResult<CodeReport> JobRunner::askCode(ProjectCode code, QList<CodemodRun> runs,
                                          QStringList hold)
{
    const QString node = m_projectTools.value(code.project.path).node.version;
    const auto prepare = [=] {
        return QJsonDocument(
                   codeRequest(repoFolder, code.files, code.packages, code.steps, hold, node, runs))
            .toJson(QJsonDocument::Compact);
    };
    QFuture<QByteArray> prepared = QtConcurrent::run(prepare);
    const QByteArray request = co_await prepared;
    OVVOC_CO_TRY(answer, co_await askCodeProgram(request));
    const QByteArray json = answer;
    const auto parse = [=] {
        return parseCodeReport(json, code.project.path, code.files, code.steps, runs);
    };
    QFuture<Result<CodeReport>> future = QtConcurrent::run(parse);
    co_return co_await future;
}

/// What there is to change code in, and by.
TaskResult<> JobRunner::readRepository()
{
    OVVOC_CO_TRY(tracked, co_await trackedFiles());
    m_tracked = tracked;
    const QString own = m_job.request.changeCode ? m_job.request.rulesFolder : QString();
    const auto read = [own] { return readRules(own); };
    QFuture<RuleFolder> reading = QtConcurrent::run(read);
    const RuleFolder rules = co_await reading;
    m_ownRules = rules.sets;
    for (const QString &problem : rules.problems)
        m_job.notes << tr("A rule file of yours was not used: %1").arg(problem);
    co_return {};
}

/// The code of a project; nothing of what moves.
JobRunner::ProjectCode JobRunner::sourcesOf(const SurveyProject &project) const
{
    // A project inside another one has its own dependencies.
    QStringList others;
    for (const SurveyProject &other : m_survey.projects) {
        if (other.path != project.path
            && (project.path.isEmpty() || other.path.startsWith(project.path + '/')))
            others << other.path + '/';
    }
    const QString folder = project.path.isEmpty() ? QString() : project.path + '/';
    ProjectCode code;
    code.project = project;
    for (const QString &file : m_tracked) {
        if (file.startsWith(folder) && std::ranges::none_of(others, [&](const QString &other) {
                return file.startsWith(other);
            }))
            code.files << file;
    }
    return code;
}

/// The code of a project that moves, and what is known of its new versions.
JobRunner::ProjectCode JobRunner::codeOf(const SurveyProject &project) const
{
    ProjectCode code = sourcesOf(project);
    for (const PlannedUpdate &update : m_job.plan.updates) {
        if (update.project == project.path)
            code.packages << update.name;
    }
    if (m_job.request.changeCode)
        code.steps = rulesForProject(m_job.plan.updates, project.path, m_ownRules);
    return code;
}

TaskResult<> JobRunner::changeCode()
{
    CodeReport all;
    const QList<ProjectCode> projects = m_code;
    for (const ProjectCode &code : projects) {
        const QString manifest = code.project.inProject(QStringLiteral("package.json"));
        const auto ran = co_await runCodemods(code);
        if (m_stop)
            co_return fail(*m_stop);
        const QList<CodemodRun> runs = ran ? *ran : QList<CodemodRun>();
        const QStringList nothing;
        auto asked = co_await askCode(code, runs, nothing);
        if (!ran || !asked) {
            // The build and the tests judge the new versions without it.
            const QString why = ran ? asked.error().message : ran.error().message;
            m_job.notes
                << tr("The code of %1 was not read, so no rule changed it: %2").arg(manifest, why);
            stepDone(m_job.notes.last());
            continue;
        }
        CodeReport report = *asked;
        if (!report.written.isEmpty()) {
            const QStringList written = report.written;
            const QHash<QString, BaseBlob> before = m_base;
            const auto based = co_await readBase(written);
            if (!based) { // a filter of the repository's, say: the new versions go on without rules
                m_base = before;
                m_job.notes << tr("No rule changed the code of %1: %2")
                                   .arg(manifest, based.error().message);
                stepDone(m_job.notes.last());
                continue;
            }
            OVVOC_CO_TRY(done, co_await askCode(code, runs, written));
            if (done.written != written)
                co_return fail(ErrorCode::PolicyViolation,
                               tr("The rules changed other files than they said. Nothing was run, "
                                  "and nothing is proposed."));
        }
        all.projects << code.project.path;
        all.changes += report.changes;
        all.uses += report.uses;
        all.problems += report.problems;
        all.written += report.written;
    }
    OVVOC_CO_CHECK(co_await removeCodemods());
    for (const AddedDependency &one : std::as_const(m_added)) {
        if (!additions(one.file).contains(one))
            continue; // what it is for stays after all
        all.changes << one.change;
        if (!all.projects.contains(one.project))
            all.projects << one.project;
    }
    m_job.code = all;
    for (const CodeChange &change : std::as_const(m_job.code.changes)) {
        if (!change.changed.isEmpty())
            stepDone(tr("%1: %2 (%n place(s))", nullptr, int(change.changed.size()))
                         .arg(change.package, change.title));
        if (!change.byHand.isEmpty())
            say(tr("by hand: %1: %2, %3:%4")
                    .arg(change.package, change.title, change.byHand.first().file)
                    .arg(change.byHand.first().line));
    }
    publish();
    co_return {};
}

} // namespace ovvoc
