#include "updates/confidence.h"

#include <QCoreApplication>
#include <algorithm>

namespace ovvoc {

namespace {

constexpr int youngDays = 3;
constexpr double sureRule = 0.9;

QString tr(const char *text, int n = -1)
{
    return QCoreApplication::translate("Confidence", text, nullptr, n);
}

bool mayBreak(const PlannedUpdate &update)
{
    const auto from = Semver::parse(update.from);
    return update.level == UpdateLevel::Major
        || (update.level == UpdateLevel::Minor && from && from->major == 0);
}

} // namespace

QString toString(Confidence::Level level)
{
    switch (level) {
    case Confidence::Level::Low:
        return tr("low");
    case Confidence::Level::Medium:
        return tr("medium");
    case Confidence::Level::High:
        return tr("high");
    }
    return {};
}

Confidence confidenceIn(const UpdatePlan &plan, const std::optional<TestSummary> &tests,
                        const QStringList &changedByBuild, const QStringList &aside,
                        const CodeReport &code)
{
    Confidence confidence;
    int down = 0;
    const auto against = [&](const QString &reason) {
        confidence.reasons << reason;
        ++down;
    };
    QStringList breaking;
    for (const PlannedUpdate &update : plan.updates) {
        if (mayBreak(update))
            breaking << update.name;
    }
    if (breaking.isEmpty())
        confidence.reasons << tr("only patch and minor steps, which promise not to break anything");
    else
        against(tr("steps that may break something: %1").arg(breaking.join(QStringLiteral(", "))));
    if (!tests || tests->passed == 0)
        against(tr("no test was counted"));
    else
        confidence.reasons << tr("%n test(s) passed without network", tests->passed);
    if (tests && tests->skipped > tests->passed)
        against(tr("more tests were skipped than passed"));
    if (tests && !tests->contradiction.isEmpty())
        against(tests->contradiction);
    if (!changedByBuild.isEmpty())
        against(tr("the build or the tests changed %n file(s) of the repository",
                   int(changedByBuild.size()))
                + ": " + changedByBuild.mid(0, 5).join(QStringLiteral(", ")));
    if (!aside.isEmpty())
        against(tr("it was built and tested without %1")
                    .arg(aside.mid(0, 5).join(QStringLiteral(", "))));
    int changed = 0, left = 0;
    double least = 1;
    for (const CodeChange &change : code.changes) {
        changed += int(change.changed.size());
        left += int(change.byHand.size());
        if (!change.changed.isEmpty())
            least = std::min(least, change.confidence);
    }
    if (changed > 0 && least < sureRule)
        against(tr("a rule that changed the code is only %1 % sure").arg(qRound(least * 100)));
    else if (changed > 0)
        confidence.reasons << tr("rules changed %n place(s) of the code, each at least 90 % sure",
                                 changed);
    if (left > 0)
        against(tr("%n place(s) of the code are left to a person", left));
    const bool young =
        std::any_of(plan.updates.begin(), plan.updates.end(), [](const auto &update) {
            return update.ageDays >= 0 && update.ageDays < youngDays;
        });
    if (young)
        against(tr("a version is younger than %1 days").arg(youngDays));
    confidence.level = Confidence::Level(std::max(0, int(Confidence::Level::High) - down));
    return confidence;
}

} // namespace ovvoc
