// What a project runs on: its Node and its package manager, from the registry into the cell while
// the gate is open. npm fetches them, so their integrity is checked as that of any package.

#include "jobs/jobrunner.h"

#include <QSet>

namespace ovvoc {

namespace {

/// The newest Node of a range, as the registry carries it.
const QString fetchNode = QStringLiteral(
    "set -e; mkdir -p /work/toolchain && cd /work/toolchain; "
    "a=$(/usr/local/bin/node -p process.arch); "
    "v=$(npm view \"node-linux-$a@$1\" version --json | /usr/local/bin/node -e '"
    "const t=[].concat(JSON.parse(require(\"fs\").readFileSync(0))); console.log(t.pop())'); "
    "f=$(npm pack --silent --ignore-scripts \"node-linux-$a@$v\"); "
    "tar -xzf \"$f\" --no-same-owner --strip-components=1 package/bin; "
    "rm -f \"$f\"; /work/toolchain/bin/node --version");

/// A package manager: the first of the versions that there is, its programs as commands that run on
/// whatever Node stands first. Arguments: folder, package, versions.
const QString fetchManager =
    QStringLiteral("set -e; d=/work/toolchain/$1; p=$2; shift 2; mkdir -p /work/toolchain/bin "
                   "\"$d\"; cd \"$d\"; f=; "
                   "for v; do f=$(npm pack --silent --ignore-scripts \"$p@$v\" | tail -n 1) || f=; "
                   "[ -z \"$f\" ] || break; done; [ -n \"$f\" ] || exit 1; "
                   "tar -xzf \"$f\" --no-same-owner --strip-components=1; rm -f \"$f\"; "
                   "/usr/local/bin/node -e '"
                   "const fs=require(\"fs\"), at=process.cwd(), "
                   "p=JSON.parse(fs.readFileSync(at+\"/package.json\"));"
                   "for (const [n,f] of Object.entries(p.bin)) { if "
                   "(!/^[a-z]+$/.test(n)||!/^[\\w./-]+$/.test(f)) continue;"
                   " fs.writeFileSync(\"/work/toolchain/bin/\"+n, "
                   "\"#!/bin/sh\\nexec node \"+at+\"/\"+f+\" \\\"$@\\\"\\n\", {mode:0o755}); }"
                   " console.log(p.version)'");

} // namespace

TaskResult<QString> JobRunner::fetchTool(QString script, QStringList arguments, QString what)
{
    ExecRequest fetch;
    fetch.command = QStringList{"/bin/sh", "-c", script, "sh"} + arguments;
    fetch.environment = environment(true);
    fetch.folder = QStringLiteral("/tmp");
    fetch.timeoutSeconds = 300;
    phase(m_phase).commands << QStringLiteral("npm pack ") + what;
    say("$ " + phase(m_phase).commands.last());
    OVVOC_CO_TRY(fetched, co_await m_cell->exec(std::move(fetch)));
    if (fetched.exitCode != 0)
        co_return fail(ErrorCode::NotFound, QStringLiteral("not there"),
                       QString::fromUtf8(fetched.errors.right(2000)));
    m_ownTools = true;
    co_return QString::fromUtf8(fetched.output).trimmed().section('\n', -1);
}

/// npm itself stays on the image's Node, and so does the survey.
TaskResult<> JobRunner::fetchToolchain()
{
    ExecRequest ask;
    ask.command = QStringList{"/bin/sh", "-c", "/usr/local/bin/node --version; npm --version"};
    ask.environment = environment(true);
    ask.folder = QStringLiteral("/tmp");
    OVVOC_CO_TRY(own, co_await m_cell->exec(std::move(ask)));
    const QStringList words = QString::fromUtf8(own.output).split('\n');
    QString node = words.value(0).mid(1).trimmed();
    // One Node for all projects of a job: the first that asks for one.
    QString wanted, from, asked;
    for (const SurveyProject &project : std::as_const(m_projects)) {
        if (wanted.isEmpty() && !project.node.isEmpty()) {
            wanted = project.judgedWith;
            asked = project.node;
            from = project.nodeFrom;
        }
    }
    if (!wanted.isEmpty() && wanted != node) {
        say(tr("the project asks for Node %1 (%2)").arg(asked, from));
        const QStringList one{wanted};
        auto fetched = co_await fetchTool(fetchNode, one, "node@" + wanted);
        if (!fetched && fetched.error().code != ErrorCode::NotFound)
            co_return fail(fetched.error());
        if (fetched) {
            node = fetched->mid(1);
        } else {
            m_job.notes << tr("The project asks for Node %1 (%2), which could not be had; it was "
                              "built and tested with Node %3.")
                               .arg(asked, from, node);
            stepDone(m_job.notes.last());
        }
    }
    QStringList used{tr("Node %1").arg(node)};
    QSet<QString> there;
    const QList<SurveyProject> projects = m_projects;
    for (const SurveyProject &project : projects) {
        OVVOC_CO_TRY(recipe, builtinRecipe(project.manager));
        const QString title = managerTitle(project.manager).section(' ', 0, 0);
        if (there.contains(recipe.name))
            continue;
        there << recipe.name;
        if (recipe.manager.isEmpty()) {
            used << tr("npm %1").arg(words.value(1).trimmed());
            continue;
        }
        const QString first = project.toolVersions.value(0);
        const QStringList what =
            QStringList{recipe.manager, project.toolPackage} + project.toolVersions;
        const QString wantedTool = project.toolPackage + '@' + first;
        auto fetched = co_await fetchTool(fetchManager, what, wantedTool);
        if (!fetched)
            co_return fail(fetched.error().code,
                           tr("%1 %2, which moves this project's lockfile, could not be had from "
                              "the registry.")
                               .arg(title, first),
                           fetched.error().detail);
        used << title + ' ' + *fetched;
        if (Semver::parse(first) && *fetched != first) {
            m_job.notes << tr("The project asks for %1 %2 (%3), which could not be had; %1 %4 was "
                              "used.")
                               .arg(title, first, project.managerFrom, *fetched);
            stepDone(m_job.notes.last());
        }
    }
    m_job.toolchain = used.join(QStringLiteral(", "));
    if (m_ownTools)
        stepDone(tr("toolchain: %1").arg(m_job.toolchain));
    co_return {};
}

} // namespace ovvoc
