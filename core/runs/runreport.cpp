#include "runs/runreport.h"

#include "base/text.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonObject>
#include <QRegularExpression>
#include <QSet>
#include <algorithm>

namespace ovvoc {

namespace {

QString tr(const char *text, int n = -1)
{
    return QCoreApplication::translate("Run", text, nullptr, n);
}

QString stepOf(const PlannedUpdate &update)
{
    const QString where = update.project.isEmpty() ? QString() : " (" + update.project + ')';
    return oneLine(QStringLiteral("%1 %2 → %3").arg(update.name, update.from, update.to) + where);
}

QString stepsOf(const QList<PlannedUpdate> &updates)
{
    QStringList steps;
    for (const PlannedUpdate &update : updates)
        steps << stepOf(update);
    return steps.join(QStringLiteral(", "));
}

QJsonArray json(const QList<PlannedUpdate> &updates)
{
    QJsonArray list;
    for (const PlannedUpdate &update : updates) {
        QJsonObject one{{"package", update.name}, {"from", update.from}, {"to", update.to}};
        if (!update.project.isEmpty())
            one["project"] = update.project;
        list << one;
    }
    return list;
}

/// How many packages have a step that is in no proposal, each counted once.
int culprits(const RunReport &report)
{
    const auto keyOf = [](const PlannedUpdate &update) {
        return QStringList{update.project, update.name};
    };
    QHash<QStringList, QSet<QString>> failed; // to which versions
    for (const GroupResult &group : report.groups) {
        for (const Culprit &culprit : group.culprits) {
            for (const PlannedUpdate &update : culprit.updates)
                failed[keyOf(update)] << update.to;
        }
        if (group.culprits.isEmpty() && group.state == GroupResult::State::Failed) {
            for (const PlannedUpdate &update : group.updates)
                failed[keyOf(update)] << update.to;
            if (group.updates.isEmpty())
                failed[{group.title}] << QString();
        }
    }
    for (const GroupResult &group : report.groups) {
        for (const PlannedUpdate &update : group.proposed)
            failed[keyOf(update)].remove(update.to);
    }
    return int(
        std::ranges::count_if(failed, [](const QSet<QString> &to) { return !to.isEmpty(); }));
}

} // namespace

int RunReport::proposals() const
{
    return int(std::ranges::count_if(groups, [](const GroupResult &group) {
        return group.state == GroupResult::State::Proposed;
    }));
}

bool RunReport::anyFailed() const
{
    return culprits(*this) > 0 || std::ranges::any_of(groups, [](const GroupResult &group) {
               return group.state == GroupResult::State::RedBefore
                   || group.state == GroupResult::State::Unproved
                   || group.state == GroupResult::State::NotTried;
           });
}

QString RunReport::firstJob() const
{
    return groups.isEmpty() ? QString() : groups.first().jobs.value(0);
}

QString toString(GroupResult::State state)
{
    switch (state) {
    case GroupResult::State::Waiting:
        return QStringLiteral("waiting");
    case GroupResult::State::Trying:
        return QStringLiteral("trying");
    case GroupResult::State::Proposed:
        return QStringLiteral("proposed");
    case GroupResult::State::NothingToDo:
        return QStringLiteral("nothing to do");
    case GroupResult::State::Failed:
        return QStringLiteral("failed");
    case GroupResult::State::Unproved:
        return QStringLiteral("not proved");
    case GroupResult::State::RedBefore:
        return QStringLiteral("red before");
    case GroupResult::State::Held:
        return QStringLiteral("held back");
    case GroupResult::State::NotTried:
        return QStringLiteral("not tried");
    case GroupResult::State::Cancelled:
        return QStringLiteral("cancelled");
    }
    return {};
}

QString summaryOf(const RunReport &report)
{
    const auto any = [&](GroupResult::State state) {
        return std::ranges::any_of(report.groups,
                                   [&](const GroupResult &group) { return group.state == state; });
    };
    QStringList parts;
    if (report.interrupted)
        parts << tr("interrupted");
    if (report.proposals() > 0)
        parts << tr("%n proposal(s)", report.proposals());
    if (any(GroupResult::State::RedBefore))
        parts << tr("the repository fails without any update too");
    else if (const int count = culprits(report))
        parts << tr("%n update(s) did not pass", count);
    if (any(GroupResult::State::NotTried) && !any(GroupResult::State::RedBefore))
        parts << tr("not everything was tried");
    if (any(GroupResult::State::Unproved))
        parts << tr("not everything can be proved");
    if (any(GroupResult::State::Held))
        parts << tr("%n group(s) held back",
                    int(std::ranges::count_if(report.groups, [](const GroupResult &group) {
                        return group.state == GroupResult::State::Held;
                    })));
    if (any(GroupResult::State::Cancelled))
        parts << tr("cancelled");
    if (!parts.isEmpty())
        return parts.join(QStringLiteral(", "));
    if (!report.ended.isValid())
        return tr("running");
    return report.groups.isEmpty() ? tr("nothing to do") : report.groups.first().reason;
}

QString plainOf(const RunReport &report)
{
    static const QRegularExpression escape(QStringLiteral("\\\\([\\\\`*_{}\\[\\]()#+.!|<>~-])"));
    return plainText(markdownOf(report).replace(escape, QStringLiteral("\\1")).toUtf8());
}

QString markdownOf(const RunReport &report)
{
    QString text = QStringLiteral("# %1: %2\n")
                       .arg(markdownText(report.repositoryName), markdownText(report.summary));
    if (!report.ended.isValid())
        text += '\n' + tr("The run goes on.") + '\n';
    for (const GroupResult &group : report.groups) {
        text +=
            QStringLiteral("\n## %1: %2\n\n").arg(markdownText(group.title), toString(group.state));
        if (!group.proposed.isEmpty())
            text += tr("Proposed: %1").arg(markdownText(stepsOf(group.proposed))) + "  \n"
                + tr("Branch: %1").arg(markdownText(group.branch)) + "\n";
        if (group.state == GroupResult::State::Held)
            text += markdownText(stepsOf(group.updates)) + ' ';
        if (!group.reason.isEmpty())
            text += markdownText(group.reason) + '\n';
        for (const Culprit &culprit : group.culprits) {
            text += QStringLiteral("\n- **%1** ").arg(markdownText(stepsOf(culprit.updates)));
            text += culprit.onlyTogether
                ? tr("passes by itself and fails together with the others: %1")
                      .arg(markdownText(culprit.reason))
                : tr("does not pass by itself: %1").arg(markdownText(culprit.reason));
            text += '\n';
            for (const QString &test : culprit.tests)
                text += QStringLiteral("  - %1\n").arg(markdownText(test));
        }
    }
    if (!report.held.isEmpty()) {
        text += QStringLiteral("\n## %1\n\n").arg(tr("Left where it is"));
        for (const SkippedUpdate &held : report.held)
            text += QStringLiteral("- %1: %2\n")
                        .arg(markdownText(held.name), markdownText(held.reason));
    }
    if (!report.notes.isEmpty()) {
        text += QStringLiteral("\n## %1\n\n").arg(tr("Noticed"));
        for (const QString &note : report.notes)
            text += QStringLiteral("- %1\n").arg(markdownText(note));
    }
    text += QStringLiteral("\n## %1\n\n").arg(tr("How it was tried"));
    text += tr("%n cell(s)", report.cells);
    if (report.extraCells > 0)
        text += tr(", %1 of them to find out what is to blame (at most %2)")
                    .arg(report.extraCells)
                    .arg(report.extraLimit);
    text += QStringLiteral(".\n");
    if (report.baselineJob.isEmpty())
        text += tr("The repository was not tried without updates: there was no need.") + '\n';
    else if (report.baselineGreen && report.baselineProjects.size() == 1
             && !report.baselineProjects.first().isEmpty())
        text += tr("Without any update the build and the test script of %1 end well.")
                    .arg(markdownText(report.baselineProjects.first()))
            + '\n';
    else if (report.baselineGreen)
        text += tr("Without any update its build and its test script end well.") + '\n';
    else if (report.proposals() > 0
             && std::ranges::none_of(report.groups, [](const GroupResult &group) {
                    return group.state == GroupResult::State::RedBefore;
                }))
        text += tr("Without any update these tests fail as well; what fails besides counts, as the "
                   "settings say:")
            + '\n';
    else
        text += tr("Without any update the repository fails as well.") + '\n';
    if (report.baselineKnown)
        text += tr("An earlier run found that out on this very commit (job %1); it was not tried "
                   "again.")
                    .arg(report.baselineJob)
            + '\n';
    for (const QString &test : report.baselineTests)
        text += QStringLiteral("- %1\n").arg(markdownText(test));
    if (!report.toolchain.isEmpty())
        text += tr("Built and tested with %1.").arg(markdownText(report.toolchain)) + '\n';
    if (!report.flakyTests.isEmpty()) {
        text += tr("These tests failed and then passed with the very same versions, so they blame "
                   "nothing:")
            + '\n';
        for (const QString &test : report.flakyTests)
            text += QStringLiteral("- %1\n").arg(markdownText(test));
    }
    return text;
}

QJsonObject toJson(const RunReport &report)
{
    QJsonArray groups;
    for (const GroupResult &group : report.groups) {
        QJsonArray culprits;
        for (const Culprit &culprit : group.culprits)
            culprits << QJsonObject{{"updates", json(culprit.updates)},
                                    {"phase", culprit.phase},
                                    {"reason", culprit.reason},
                                    {"tests", QJsonArray::fromStringList(culprit.tests)},
                                    {"job", culprit.jobId},
                                    {"onlyTogether", culprit.onlyTogether}};
        groups << QJsonObject{{"title", group.title},
                              {"topic", group.topic},
                              {"state", toString(group.state)},
                              {"updates", json(group.updates)},
                              {"proposed", json(group.proposed)},
                              {"culprits", culprits},
                              {"reason", group.reason},
                              {"branch", group.branch},
                              {"location", group.location},
                              {"jobs", QJsonArray::fromStringList(group.jobs)}};
    }
    QJsonArray held;
    for (const SkippedUpdate &one : report.held)
        held << QJsonObject{{"package", one.name}, {"reason", one.reason}};
    return {{"run", report.id},
            {"client", report.clientId},
            {"repositoryId", report.repositoryId},
            {"repository", report.repositoryName},
            {"started", report.started.toString(Qt::ISODate)},
            {"ended", report.ended.toString(Qt::ISODate)},
            {"summary", report.summary},
            {"interrupted", report.interrupted},
            {"groups", groups},
            {"held", held},
            {"notes", QJsonArray::fromStringList(report.notes)},
            {"cells", report.cells},
            {"extraCells", report.extraCells},
            {"extraLimit", report.extraLimit},
            {"toolchain", report.toolchain},
            {"conditions", report.conditions},
            {"flaky", QJsonArray::fromStringList(report.flakyTests)},
            {"baseline",
             QJsonObject{{"job", report.baselineJob},
                         {"phase", report.baselinePhase},
                         {"reason", report.baselineReason},
                         {"projects", QJsonArray::fromStringList(report.baselineProjects)},
                         {"known", report.baselineKnown},
                         {"green", report.baselineGreen},
                         {"failing", QJsonArray::fromStringList(report.baselineTests)}}}};
}

namespace {

QList<PlannedUpdate> updatesFrom(const QJsonValue &list)
{
    QList<PlannedUpdate> updates;
    for (const auto &item : list.toArray()) {
        PlannedUpdate one;
        one.name = item[QLatin1String("package")].toString();
        one.from = item[QLatin1String("from")].toString();
        one.to = item[QLatin1String("to")].toString();
        one.project = item[QLatin1String("project")].toString();
        const auto from = Semver::parse(one.from), to = Semver::parse(one.to);
        if (from && to)
            one.level = levelBetween(*from, *to);
        updates << one;
    }
    return updates;
}

QStringList textsFrom(const QJsonValue &list)
{
    QStringList texts;
    for (const auto &item : list.toArray())
        texts << item.toString();
    return texts;
}

GroupResult groupFrom(const QJsonObject &object)
{
    using State = GroupResult::State;
    GroupResult group;
    for (const State state :
         {State::Waiting, State::Trying, State::Proposed, State::NothingToDo, State::Failed,
          State::Unproved, State::RedBefore, State::Held, State::NotTried, State::Cancelled}) {
        if (toString(state) == object["state"].toString())
            group.state = state;
    }
    group.title = object["title"].toString();
    group.topic = object["topic"].toString();
    group.updates = updatesFrom(object["updates"]);
    group.proposed = updatesFrom(object["proposed"]);
    group.reason = object["reason"].toString();
    group.branch = object["branch"].toString();
    group.location = object["location"].toString();
    group.jobs = textsFrom(object["jobs"]);
    for (const auto &item : object["culprits"].toArray()) {
        Culprit culprit;
        culprit.updates = updatesFrom(item[QLatin1String("updates")]);
        culprit.phase = item[QLatin1String("phase")].toString();
        culprit.reason = item[QLatin1String("reason")].toString();
        culprit.tests = textsFrom(item[QLatin1String("tests")]);
        culprit.jobId = item[QLatin1String("job")].toString();
        culprit.onlyTogether = item[QLatin1String("onlyTogether")].toBool();
        group.culprits << culprit;
    }
    return group;
}

} // namespace

RunReport runReportFromJson(const QJsonObject &object)
{
    RunReport report;
    report.id = object["run"].toString();
    report.clientId = object["client"].toString();
    report.repositoryId = object["repositoryId"].toString();
    report.repositoryName = object["repository"].toString();
    report.started = QDateTime::fromString(object["started"].toString(), Qt::ISODate);
    report.ended = QDateTime::fromString(object["ended"].toString(), Qt::ISODate);
    for (const auto &item : object["groups"].toArray())
        report.groups << groupFrom(item.toObject());
    for (const auto &item : object["held"].toArray())
        report.held << SkippedUpdate{item[QLatin1String("package")].toString(),
                                     item[QLatin1String("reason")].toString()};
    report.notes = textsFrom(object["notes"]);
    report.cells = object["cells"].toInt();
    report.extraCells = object["extraCells"].toInt();
    report.extraLimit = object["extraLimit"].toInt();
    report.toolchain = object["toolchain"].toString();
    report.flakyTests = textsFrom(object["flaky"]);
    const QJsonObject baseline = object["baseline"].toObject();
    report.baselineJob = baseline["job"].toString();
    report.baselineGreen = baseline["green"].toBool();
    report.baselineTests = textsFrom(baseline["failing"]);
    report.baselinePhase = baseline["phase"].toString();
    report.baselineReason = baseline["reason"].toString();
    report.baselineProjects = textsFrom(baseline["projects"]);
    report.baselineKnown = baseline["known"].toBool();
    report.conditions = object["conditions"].toString();
    report.interrupted = object["interrupted"].toBool();
    report.summary = object["summary"].toString();
    return report;
}

} // namespace ovvoc
