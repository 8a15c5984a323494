#include "updates/confidence.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <numeric>

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

int Confidence::points() const
{
    const int sum = std::accumulate(reasons.begin(), reasons.end(), 0,
                                    [](int all, const Reason &one) { return all + one.points; });
    return std::clamp(sum, 0, 100);
}

Confidence::Level Confidence::level() const
{
    return points() >= high ? Level::High : points() >= medium ? Level::Medium : Level::Low;
}

QString Confidence::title() const
{
    return tr("%1 of 100 (%2)").arg(points()).arg(toString(level()));
}

QStringList Confidence::sentences() const
{
    QStringList list;
    for (const Reason &one : reasons)
        list << QStringLiteral("%1%2: %3")
                    .arg(one.points >= 0 ? QStringLiteral("+") : QStringLiteral("−"))
                    .arg(std::abs(one.points))
                    .arg(one.text);
    return list;
}

namespace {

void judgeSteps(const UpdatePlan &plan, Confidence &confidence)
{
    QStringList breaking;
    bool minor = false;
    int youngest = -1;
    bool unknown = plan.updates.isEmpty();
    for (const PlannedUpdate &update : plan.updates) {
        if (mayBreak(update))
            breaking << update.name;
        minor = minor || update.level == UpdateLevel::Minor;
        unknown = unknown || update.ageDays < 0;
        youngest = youngest < 0 ? update.ageDays : std::min(youngest, update.ageDays);
    }
    if (!breaking.isEmpty())
        confidence.reasons << Confidence::Reason{
            5, tr("steps that may break something: %1").arg(breaking.join(QStringLiteral(", ")))};
    else if (minor)
        confidence.reasons << Confidence::Reason{
            25, tr("only minor and patch steps, which promise not to break anything")};
    else if (!plan.updates.isEmpty())
        confidence.reasons << Confidence::Reason{
            30, tr("only patch steps, which promise to change nothing but mistakes")};
    if (unknown)
        confidence.reasons << Confidence::Reason{0, tr("the age of a version is not known")};
    else if (youngest >= 30)
        confidence.reasons << Confidence::Reason{15, tr("every version is at least 30 days old")};
    else if (youngest >= 7)
        confidence.reasons << Confidence::Reason{10, tr("every version is at least 7 days old")};
    else if (youngest >= youngDays)
        confidence.reasons << Confidence::Reason{5, tr("every version is at least 3 days old")};
    else
        confidence.reasons << Confidence::Reason{
            0, tr("a version is younger than %1 days").arg(youngDays)};
}

void judgeTests(const std::optional<TestSummary> &tests, Confidence &confidence)
{
    if (!tests || tests->passed <= 0) {
        confidence.reasons << Confidence::Reason{10, tr("it builds; no test was counted")};
    } else {
        // 1 test says something, 100 say as much as can be told from a number.
        const double share = std::min(1.0, std::log10(double(tests->passed)) / 2);
        confidence.reasons << Confidence::Reason{
            25 + int(std::lround(20 * share)),
            tr("%n test(s) passed without network", tests->passed)};
    }
    if (tests && tests->skipped > tests->passed)
        confidence.reasons << Confidence::Reason{-15, tr("more tests were skipped than passed")};
    if (tests && tests->failed > 0)
        confidence.reasons << Confidence::Reason{
            -20, tr("%n test(s) fail, as they did without the update", tests->failed)};
    if (tests && !tests->contradiction.isEmpty())
        confidence.reasons << Confidence::Reason{-20, tests->contradiction};
}

void judgeCode(const CodeReport &code, Confidence &confidence)
{
    int changed = 0, left = 0;
    double least = 1;
    for (const CodeChange &change : code.changes) {
        changed += int(change.changed.size());
        left += int(change.byHand.size());
        if (!change.changed.isEmpty())
            least = std::min(least, change.confidence);
    }
    if (changed > 0 && least < sureRule)
        confidence.reasons << Confidence::Reason{
            -15, tr("a rule that changed the code is only %1 % sure").arg(qRound(least * 100))};
    else if (changed > 0)
        confidence.reasons << Confidence::Reason{
            0, tr("rules changed %n place(s) of the code, each at least 90 % sure", changed)};
    if (left > 0)
        confidence.reasons << Confidence::Reason{
            -20, tr("%n place(s) of the code are left to a person", left)};
}

void judgeHistory(const StepHistory &history, qsizetype steps, Confidence &confidence)
{
    const auto some = [](const QStringList &names) {
        return names.mid(0, 5).join(QStringLiteral(", "));
    };
    if (!history.passed.isEmpty() && steps > 0)
        confidence.reasons << Confidence::Reason{
            std::max(1, int(std::lround(5.0 * double(history.passed.size()) / double(steps)))),
            tr("the same step passed in another repository of this client: %1")
                .arg(some(history.passed))};
    if (!history.broke.isEmpty())
        confidence.reasons << Confidence::Reason{
            -10,
            tr("the same step broke another repository of this client: %1")
                .arg(some(history.broke))};
    if (!history.flaky.isEmpty())
        confidence.reasons << Confidence::Reason{
            -10, tr("tests here failed by chance lately: %1").arg(some(history.flaky))};
}

} // namespace

Confidence confidenceIn(const UpdatePlan &plan, const std::optional<TestSummary> &tests,
                        const JobFindings &found)
{
    const auto some = [](const QStringList &names, qsizetype most) {
        return names.mid(0, most).join(QStringLiteral(", "));
    };
    Confidence confidence;
    judgeTests(tests, confidence);
    judgeSteps(plan, confidence);
    if (!found.changedFiles.isEmpty())
        confidence.reasons << Confidence::Reason{
            -10,
            tr("the build or the tests changed %n file(s) of the repository",
               int(found.changedFiles.size()))
                + ": " + some(found.changedFiles, 5)};
    else if (!found.madeTests.isEmpty())
        confidence.reasons << Confidence::Reason{
            0,
            tr("the build made %n file(s) that look like tests or their settings, so what ran may "
               "be these",
               int(found.madeTests.size()))
                + ": " + some(found.madeTests, 5)};
    else
        confidence.reasons << Confidence::Reason{
            10, tr("the build and the tests left the repository as it was")};
    if (!found.aside.isEmpty())
        confidence.reasons << Confidence::Reason{
            -15, tr("it was built and tested without %1").arg(some(found.aside, 5))};
    if (!found.unproved.isEmpty())
        confidence.reasons << Confidence::Reason{
            -30, tr("nothing that ran uses %1").arg(some(found.unproved, 8))};
    judgeCode(found.code, confidence);
    judgeHistory(found.history, plan.updates.size(), confidence);
    return confidence;
}

} // namespace ovvoc
