// What a project runs on: its Node and its package manager, from the registry into the cell while
// the gate is open. npm fetches them, so their integrity is checked as that of any package. Each
// version has a folder of its own, and nothing that works on the repository may change one.

#include "jobs/jobrunner.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>

namespace ovvoc {

namespace {

const QString toolchainFolder = QStringLiteral("/work/toolchain");
/// At its top: packages that Plug'n'Play uses from where they are: a manager's own work, not a
/// tool.
const QString packagesFolder = QStringLiteral("/yarn-global");

} // namespace

TaskResult<JobRunner::Tool> JobRunner::fetchTool(QStringList arguments, QString what)
{
    ExecRequest fetch;
    fetch.command =
        QStringList{"/usr/local/bin/node", "/usr/local/lib/ovvoc/survey/fetch.mjs"} + arguments;
    fetch.environment = environment(true);
    fetch.folder = QStringLiteral("/tmp");
    fetch.timeoutSeconds = 300;
    phase(m_phase).commands << QStringLiteral("npm pack ") + what;
    say("$ " + phase(m_phase).commands.last());
    OVVOC_CO_TRY(fetched, co_await m_cell->exec(std::move(fetch)));
    const QJsonObject got = QJsonDocument::fromJson(fetched.output.trimmed()).object();
    Tool tool;
    tool.version = got["version"].toString();
    tool.folder = got["folder"].toString();
    if (fetched.exitCode != 0 || !Semver::parse(tool.version)
        || !tool.folder.startsWith(toolchainFolder + '/'))
        co_return fail(ErrorCode::NotFound, QStringLiteral("not there"),
                       QString::fromUtf8(fetched.errors.right(2000)));
    co_return Tool(tool);
}

/// The Node that a project asks for; the image's own where it asks for none or for none that can be
/// had, which is said.
TaskResult<JobRunner::Tool> JobRunner::nodeFor(SurveyProject project, Tool own)
{
    const QString wanted = project.node.isEmpty() ? QString() : project.judgedWith;
    if (wanted.isEmpty() || wanted == own.version)
        co_return Tool(own);
    const QString key = QStringLiteral("node ") + wanted;
    if (m_tools.contains(key))
        co_return Tool(m_tools[key]);
    say(tr("the project asks for Node %1 (%2)").arg(project.node, project.nodeFrom));
    const QStringList arguments{"node", toolchainFolder, wanted};
    auto fetched = co_await fetchTool(arguments, "node@" + wanted);
    if (!fetched && fetched.error().code != ErrorCode::NotFound)
        co_return fail(fetched.error());
    if (!fetched) {
        m_job.notes << tr("The project asks for Node %1 (%2), which could not be had; it was "
                          "built and tested with Node %3.")
                           .arg(project.node, project.nodeFrom, own.version);
        stepDone(m_job.notes.last());
    }
    Tool tool = fetched ? *fetched : own;
    if (fetched)
        tool.commands = tool.folder + QStringLiteral("/bin");
    m_tools.insert(key, tool);
    co_return Tool(tool);
}

TaskResult<JobRunner::Tool> JobRunner::managerFor(SurveyProject project, Recipe recipe)
{
    const QString key = project.toolPackage + ' ' + project.toolVersions.join(' ');
    if (m_tools.contains(key))
        co_return Tool(m_tools[key]);
    // The survey reads a repository: which packages can be a manager says the recipe.
    if (!recipe.managerPackages.contains(project.toolPackage))
        co_return fail(ErrorCode::Protocol,
                       tr("The survey names \"%1\" as package manager, which it cannot be.")
                           .arg(project.toolPackage.left(100)));
    const QString title = managerTitle(project.manager).section(' ', 0, 0);
    const QString first = project.toolVersions.value(0);
    const QStringList arguments =
        QStringList{"manager", toolchainFolder, project.toolPackage} + project.toolVersions;
    auto fetched = co_await fetchTool(arguments, project.toolPackage + '@' + first);
    if (!fetched)
        co_return fail(fetched.error().code,
                       tr("%1 %2, which moves this project's lockfile, could not be had from "
                          "the registry.")
                           .arg(title, first),
                       fetched.error().detail);
    Tool tool = *fetched;
    tool.commands = tool.folder + QStringLiteral("/commands");
    if (Semver::parse(first) && tool.version != first) {
        m_job.notes << tr("The project asks for %1 %2 (%3), which could not be had; %1 %4 was "
                          "used.")
                           .arg(title, first, project.managerFrom, tool.version);
        stepDone(m_job.notes.last());
    }
    m_tools.insert(key, tool);
    co_return Tool(tool);
}

/// npm itself stays on the image's Node, and so does the survey.
TaskResult<> JobRunner::fetchToolchain()
{
    ExecRequest ask;
    ask.command = QStringList{"/bin/sh", "-c",
                              "mkdir -p \"$0\" && /usr/local/bin/node --version && npm --version",
                              toolchainFolder};
    ask.environment = environment(true);
    ask.folder = QStringLiteral("/tmp");
    OVVOC_CO_TRY(asked, co_await m_cell->exec(std::move(ask)));
    const QStringList words = QString::fromUtf8(asked.output).split('\n');
    Tool own;
    own.version = words.value(0).mid(1).trimmed();
    QStringList used;
    const QList<SurveyProject> projects = m_projects;
    for (const SurveyProject &project : projects) {
        OVVOC_CO_TRY(recipe, builtinRecipe(project.manager));
        OVVOC_CO_TRY(node, co_await nodeFor(project, own));
        ProjectTools tools;
        tools.node = node;
        QString manager = tr("npm %1").arg(words.value(1).trimmed());
        if (!project.toolPackage.isEmpty()) {
            OVVOC_CO_TRY(tool, co_await managerFor(project, recipe));
            tools.manager = tool;
            manager = managerTitle(project.manager).section(' ', 0, 0) + ' ' + tool.version;
        }
        m_projectTools.insert(project.path, tools);
        used << tr("Node %1").arg(node.version) + QStringLiteral(", ") + manager;
    }
    // The others are installed with what is there already.
    m_others.removeIf([&](const SurveyProject &other) {
        for (const SurveyProject &project : projects) {
            if (project.manager == other.manager && !m_projectTools.contains(other.path))
                m_projectTools.insert(other.path, m_projectTools[project.path]);
        }
        return !m_projectTools.contains(other.path);
    });
    // Which project has which is said where they differ.
    const bool same = QSet<QString>(used.begin(), used.end()).size() == 1;
    QStringList told;
    for (qsizetype i = 0; i < used.size(); ++i) {
        const QString path = projects[i].path.isEmpty() ? QStringLiteral("/") : projects[i].path;
        told << (same ? used[i] : used[i] + QStringLiteral(" (") + path + ')');
    }
    told.removeDuplicates();
    m_job.toolchain = told.join(QStringLiteral("; "));
    if (!m_tools.isEmpty())
        stepDone(tr("toolchain: %1").arg(m_job.toolchain));
    OVVOC_CO_TRY(tree, co_await m_cell->fileTree(toolchainFolder, packagesFolder));
    m_toolTree = tree;
    co_return {};
}

/// A link or a setting of the repository may lead the manager into the tools: then nothing more is
/// started with them.
TaskResult<> JobRunner::checkTools(QString step)
{
    OVVOC_CO_TRY(now, co_await m_cell->fileTree(toolchainFolder, packagesFolder));
    const QStringList changed = now.changedSince(m_toolTree) + now.addedSince(m_toolTree);
    if (!changed.isEmpty())
        co_return fail(ErrorCode::PolicyViolation,
                       tr("\"%1\" wrote where the job's own tools are (%2): a link or a setting of "
                          "the repository leads there. Nothing more was run, and nothing is "
                          "proposed.")
                           .arg(step, shortPathList(changed)));
    co_return co_await checkBeside(step);
}

/// All of it, with the packages that are used from there: what tests run on.
TaskResult<FileTree> JobRunner::toolchainTree()
{
    OVVOC_CO_TRY(tree, co_await m_cell->fileTree(toolchainFolder));
    co_return FileTree(tree);
}

/// Folders with commands that come before those of the image, each with a colon behind it.
QString JobRunner::toolPath() const
{
    const ProjectTools tools = m_projectTools.value(m_project.path);
    QString path;
    for (const Tool &tool : {tools.node, tools.manager}) {
        if (!tool.commands.isEmpty())
            path += tool.commands + ':';
    }
    return path;
}

} // namespace ovvoc
