// The manifests: what the plan writes into them, and what a manager only formats anew.

#include "jobs/jobrunner.h"
#include "updates/manifestedit.h"
#include "updates/yamledit.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QtConcurrent/QtConcurrentRun>
#include <qcoro/qcorofuture.h>

namespace ovvoc {

namespace {

/// Whether two manifests say the same, in whatever order and format. False when one is no JSON.
bool saysTheSame(const QByteArray &one, const QByteArray &other)
{
    const auto read = [](QByteArray text) {
        if (text.startsWith("\xEF\xBB\xBF"))
            text.remove(0, 3);
        return QJsonDocument::fromJson(text);
    };
    const QJsonDocument first = read(one), second = read(other);
    return first.isObject() && second.isObject() && first.object() == second.object();
}

} // namespace

TaskResult<> JobRunner::writeFile(QString path, QByteArray bytes)
{
    // The count is the command's: standard input of an exec cannot be ended over every engine.
    ExecRequest request;
    request.command = QStringList{
        "/bin/sh", "-c", "head -c \"$1\" > \"$2\"", "sh", QString::number(bytes.size()), path};
    request.folder = repoFolder;
    request.input = bytes;
    request.timeoutSeconds = 60;
    OVVOC_CO_TRY(outcome, co_await m_cell->exec(std::move(request)));
    if (outcome.exitCode != 0)
        co_return fail(ErrorCode::DiskFull, tr("%1 cannot be written in the cell.").arg(path),
                       QString::fromUtf8(outcome.errors.left(500)));
    co_return {};
}

QHash<QString, QList<UpdatePlace>> JobRunner::placesByFile() const
{
    QHash<QString, QList<UpdatePlace>> files;
    for (const PlannedUpdate &update : m_job.plan.updates) {
        if (update.project != m_project.path)
            continue;
        for (const UpdatePlace &place : update.places)
            files[place.file] << place;
    }
    return files;
}

TaskResult<> JobRunner::writeManifests(bool exact)
{
    QHash<QString, QList<UpdatePlace>> files = placesByFile();
    for (const AddedDependency &added : std::as_const(m_added)) {
        if (added.project == m_project.path && !additions(added.file).isEmpty())
            files[added.file]; // also where the range itself stands in another file
    }
    for (auto it = files.begin(); it != files.end(); ++it) {
        const QString path = it.key();
        const QByteArray before = m_base.value(path).checkedOut;
        const QList<UpdatePlace> places = it.value();
        const QList<AddedDependency> added = additions(path);
        const bool yaml =
            path.endsWith(QLatin1String(".yaml")) || path.endsWith(QLatin1String(".yml"));
        const auto work = [before, places, exact, yaml, added]() -> Result<QByteArray> {
            auto text =
                yaml ? withYamlPlaces(before, places, exact) : withPlaces(before, places, exact);
            for (const AddedDependency &one : added) {
                if (text)
                    text = withDependency(*text, one.section, one.name, one.range);
            }
            return text;
        };
        QFuture<Result<QByteArray>> future = QtConcurrent::run(work);
        OVVOC_CO_TRY(text, co_await future);
        OVVOC_CO_CHECK(co_await writeFile(path, text));
        if (!exact)
            m_planned.insert(path, text);
        if (!exact && m_manifests.contains(path))
            m_manifests.insert(path, text);
    }
    co_return {};
}

/// The manifests of a project whose manager formats them anew, as git checked them out.
TaskResult<> JobRunner::keepManifests(SurveyProject project)
{
    OVVOC_CO_TRY(recipe, builtinRecipe(project.manager));
    if (!recipe.writesBack())
        co_return {};
    QStringList paths{project.inProject(QStringLiteral("package.json"))};
    for (const SurveyMember &member : std::as_const(project.members))
        paths << member.path + QStringLiteral("/package.json");
    paths.removeDuplicates();
    OVVOC_CO_TRY(contents, co_await m_cell->readFiles(repoFolder, paths, lockfileLimit));
    for (qsizetype i = 0; i < paths.size(); ++i) {
        if (contents[i] && !m_manifests.contains(paths[i]))
            m_manifests.insert(paths[i], *contents[i]);
    }
    co_return {};
}

/// Yarn sorts what depends on what in each package.json that it reads, and writes it so. What says
/// the same as what is to be there is put back as it is to be, to the byte; what says something
/// else stays, and ends the job where files are compared.
TaskResult<> JobRunner::writeBack()
{
    QStringList paths{m_project.inProject(QStringLiteral("package.json"))};
    for (const SurveyMember &member : std::as_const(m_project.members))
        paths << member.path + QStringLiteral("/package.json");
    paths.removeIf([this](const QString &path) { return !m_manifests.contains(path); });
    paths.removeDuplicates();
    OVVOC_CO_TRY(now, co_await m_cell->readFiles(repoFolder, paths, lockfileLimit));
    const QHash<QString, QByteArray> before = m_manifests;
    const auto work = [before, paths, now] {
        QStringList formatted;
        for (qsizetype i = 0; i < paths.size(); ++i) {
            if (now[i] && *now[i] != before[paths[i]] && saysTheSame(*now[i], before[paths[i]]))
                formatted << paths[i];
        }
        return formatted;
    };
    QFuture<QStringList> future = QtConcurrent::run(work);
    const QStringList formatted = co_await future;
    for (const QString &path : formatted) {
        OVVOC_CO_CHECK(co_await writeFile(path, before[path]));
        say(tr("%1 is again as it was written, not as the package manager sorts it").arg(path));
    }
    co_return {};
}

} // namespace ovvoc
