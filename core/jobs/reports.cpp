#include "jobs/reports.h"

#include "base/text.h"
#include "jobs/nextsteps.h"
#include "jobs/overview.h"
#include "updates/classify.h"
#include "updates/confidence.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>
#include <QUrl>

namespace ovvoc {

namespace {

constexpr qsizetype bodyLimit = 32 * 1024;

QString tr(const char *text)
{
    return QCoreApplication::translate("Report", text);
}

QString fence(const QString &text)
{
    // Longer than any run of backticks inside.
    qsizetype longest = 2, run = 0;
    for (const QChar c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const QString ticks(longest + 1, '`');
    return ticks + "text\n" + text + (text.endsWith('\n') ? "" : "\n") + ticks + '\n';
}

QString seconds(qint64 milliseconds)
{
    return QStringLiteral("%1 s").arg(double(milliseconds) / 1000.0, 0, 'f', 1);
}

QString testLine(const TestSummary &tests)
{
    QString line = tr("%1 passed, %2 failed, %3 skipped (%4)")
                       .arg(tests.passed)
                       .arg(tests.failed)
                       .arg(tests.skipped)
                       .arg(tests.runner);
    return line;
}

/// \a address when it is one that a link may lead to, percent-encoded; else empty.
QString safeAddress(const QString &address)
{
    const QUrl url(address, QUrl::StrictMode);
    return url.isValid() && url.scheme() == QLatin1String("https") && !url.host().isEmpty()
            && url.userInfo().isEmpty()
        ? QString::fromLatin1(url.toEncoded())
        : QString();
}

QString capped(QString body)
{
    if (body.size() <= bodyLimit)
        return body;
    // At the end of a line: half a code span would no longer be one.
    body.truncate(bodyLimit);
    body.truncate(body.lastIndexOf('\n') + 1);
    if (body.count(QStringLiteral("```")) % 2 == 1)
        body += QStringLiteral("```\n");
    return body + "\n\n" + tr("(cut here: the text was longer than %1 KiB)").arg(bodyLimit / 1024)
        + '\n';
}

QString place(const TestCase &test)
{
    if (test.file.isEmpty())
        return {};
    return test.line > 0 ? QStringLiteral("%1:%2").arg(test.file).arg(test.line) : test.file;
}

} // namespace

Classification classificationOf(const Job &job, const PlannedUpdate &update)
{
    QStringList breaking;
    for (const ReleaseNotes &note : job.releaseNotes) {
        if (note.package == update.name)
            breaking += note.breaking;
    }
    return classify(update, job.code, breaking);
}

QString proposalTitle(const Job &job)
{
    const auto &updates = job.plan.updates;
    if (updates.size() == 1)
        return oneLine(
            tr("Update %1 from %2 to %3").arg(updates[0].name, updates[0].from, updates[0].to));
    QStringList names;
    for (const PlannedUpdate &update : updates)
        names << update.name;
    names.removeDuplicates(); // one package may move in several projects, from several versions
    if (names.size() == 1)
        return oneLine(tr("Update %1 in several places").arg(names.first()));
    return oneLine(tr("Update %1 packages: %2")
                       .arg(names.size())
                       .arg(names.join(QStringLiteral(", ")).left(160)));
}

namespace {

QString heading(const QString &text)
{
    return "\n### " + text + "\n\n";
}

QString changesText(const Job &job)
{
    QString text = tr("| Package | From | To | Step | Age |") + "\n|---|---|---|---|---|\n";
    for (const PlannedUpdate &update : job.plan.updates)
        text += QStringLiteral("| %1 | %2 | %3 | %4 | %5 |\n")
                    .arg(markdownCode(update.project.isEmpty() ? update.name
                                                               : update.name + QStringLiteral(" (")
                                              + update.project + ')'),
                         markdownCode(update.from), markdownCode(update.to), toString(update.level),
                         update.ageDays < 0 ? tr("unknown")
                                            : QCoreApplication::translate("Reports", "%n day(s)",
                                                                          nullptr, update.ageDays));
    QString why;
    for (const PlannedUpdate &update : job.plan.updates) {
        for (const Advisory &advisory : update.fixes)
            why += "- " + markdownCode(update.name) + ' '
                + tr("%1 advisory: %2").arg(advisory.severity, markdownCode(advisory.title))
                + (safeAddress(advisory.url).isEmpty() ? QString()
                                                       : " (" + safeAddress(advisory.url) + ')')
                + '\n';
    }
    for (const Advisory &advisory : job.mends.mid(0, 50))
        why += "- " + markdownCode(advisory.package) + ' '
            + tr("%1 advisory: %2").arg(advisory.severity, markdownCode(advisory.title))
            + QStringLiteral(". ") + tr("Nothing it holds for is installed any more.") + '\n';
    if (!why.isEmpty())
        text += heading(tr("Security: what it mends")) + why;
    return text;
}

QString placesText(const QList<CodePlace> &places)
{
    QStringList texts;
    for (const CodePlace &one : places.mid(0, 10))
        texts << markdownCode(QStringLiteral("%1:%2").arg(one.file).arg(one.line));
    QString text = texts.join(QStringLiteral(", "));
    if (places.size() > 10)
        text += QCoreApplication::translate("Reports", " and %n more", nullptr,
                                            int(places.size()) - 10);
    return text;
}

/// What the rules changed, what is left to a person, and what kind of update each is.
QString codeText(const Job &job)
{
    if (!job.code.isRead())
        return {};
    QString text = heading(tr("What kind of update it is"));
    for (const PlannedUpdate &update : job.plan.updates) {
        const Classification is = classificationOf(job, update);
        QStringList names;
        for (const UpdateCategory &category : is.categories)
            names << categoryName(category.number);
        names.removeDuplicates();
        text += "- " + markdownCode(update.name) + ": " + toString(is.strategy) + " ("
            + names.join(QStringLiteral(", ")) + "). " + markdownText(is.categories.first().reason)
            + '\n';
    }
    const auto list = [&](const QString &title, QList<CodePlace> CodeChange::*places) {
        QString lines;
        for (const CodeChange &change : job.code.changes) {
            if ((change.*places).isEmpty())
                continue;
            lines += "- " + markdownCode(change.package + '/' + change.rule) + ": "
                + markdownText(change.title) + ": " + placesText(change.*places);
            if (const QString guide = safeAddress(change.source); !guide.isEmpty())
                lines += " ([" + tr("guide") + "](" + guide + "))";
            lines += '\n';
            for (const CodePlace &one : (change.*places).mid(0, 10)) {
                if (!one.text.isEmpty() && places == &CodeChange::byHand)
                    lines += "  - "
                        + markdownCode(QStringLiteral("%1:%2").arg(one.file).arg(one.line)) + ' '
                        + markdownText(one.text) + '\n';
            }
        }
        if (!lines.isEmpty())
            text += heading(title) + lines;
    };
    list(tr("What rules changed in the code"), &CodeChange::changed);
    list(tr("To be looked at by a person"), &CodeChange::byHand);
    if (!job.code.problems.isEmpty()) {
        text += heading(tr("Files that were left alone"));
        for (const CodePlace &one : job.code.problems.mid(0, 10))
            text += "- " + markdownCode(one.file) + ' ' + markdownText(one.text) + '\n';
    }
    return text;
}

QString notesText(const QList<ReleaseNotes> &notes)
{
    if (notes.isEmpty())
        return {};
    QString text = heading(tr("Release notes"));
    for (const ReleaseNotes &note : notes) {
        for (const QString &line : note.breaking)
            text += "- " + markdownCode(note.package) + ": " + markdownCode(line) + '\n';
    }
    for (const ReleaseNotes &note : notes)
        text += "- " + markdownCode(note.package + ' ' + note.version) + ": "
            + safeAddress(note.address) + '\n';
    return text;
}

QString proofText(const Job &job)
{
    QString text = heading(tr("How it was proved"));
    if (const Phase *build = job.phase(PhaseKind::Build))
        text += "- "
            + (std::ranges::any_of(
                   build->commands,
                   [](const QString &one) { return one.contains(QLatin1String(" run ")); })
                   ? tr("Build: passed in %1, without network")
                   : tr("Build: there is no build script; install scripts ended well in %1, "
                        "without network"))
                  .arg(seconds(build->milliseconds()))
            + '\n';
    const Phase *test = job.phase(PhaseKind::Test);
    if (test && test->state == PhaseState::Succeeded && !test->commands.isEmpty())
        text += "- "
            + tr("Test: %1 in %2, without network")
                  .arg(job.tests ? testLine(*job.tests) : tr("exit code 0, no test was counted"),
                       seconds(test->milliseconds()))
            + '\n';
    else
        text += "- "
            + tr("Test: **not run**: the repository has no tests, and this client accepts "
                 "a build alone as proof")
            + '\n';
    const Confidence confidence = confidenceOf(job);
    text += heading(tr("Confidence: %1").arg(confidence.title()));
    for (const QString &reason : confidence.sentences())
        text += "- " + markdownText(reason) + '\n';
    return text;
}

/// What the network of a phase was, in words.
QString networkOf(PhaseKind kind, const Job &job)
{
    const QString hosts = markdownCode(job.allowedHosts.join(QStringLiteral(", ")));
    switch (kind) {
    case PhaseKind::Clone:
        return tr("this repository, and %1, through the gate").arg(hosts);
    case PhaseKind::Transform:
        return tr("%1, through the gate, which then closed for good").arg(hosts);
    default:
        return tr("none");
    }
}

QString provenanceText(const Job &job)
{
    QString text = heading(tr("Provenance"));
    const auto row = [&text](const QString &name, const QString &value) {
        text += "- " + name + ": " + value + '\n';
    };
    row(tr("Base"), markdownCode(job.base.branch) + ' ' + markdownCode(job.base.commit));
    row(tr("Image"), markdownCode(job.image.id));
    if (!job.toolchain.isEmpty())
        row(tr("Built and tested with"), markdownText(job.toolchain));
    row(tr("Sealed patch"), "SHA-256 " + markdownCode(QString::fromLatin1(job.patch.sha256)));
    row(tr("Limits"),
        tr("%1 MiB memory, %2 CPUs, %3 processes")
            .arg(job.request.limits.memoryBytes >> 20)
            .arg(job.request.limits.cpus)
            .arg(job.request.limits.processes));
    int holds = 0;
    for (const Evidence &evidence : job.evidence)
        holds += evidence.verdict == Verdict::Holds;
    row(tr("Isolation"), tr("%1 controls checked and found as asked").arg(holds));
    row(tr("Job"), markdownCode(job.request.id));
    text += '\n' + tr("| Phase | Network | Commands in the cell |") + "\n|---|---|---|\n";
    for (const PhaseKind kind :
         {PhaseKind::Clone, PhaseKind::Transform, PhaseKind::Build, PhaseKind::Test}) {
        const Phase *phase = job.phase(kind);
        QStringList commands;
        for (const QString &command : phase ? phase->commands : QStringList())
            commands << markdownCode(command.left(300));
        text +=
            QStringLiteral("| %1 | %2 | %3 |\n")
                .arg(toString(kind), networkOf(kind, job), commands.join(QStringLiteral("<br>")));
    }
    return text;
}

} // namespace

QString proposalBody(const Job &job)
{
    QString body = changesText(job) + codeText(job) + notesText(job.releaseNotes) + proofText(job);
    if (!job.failedBefore.isEmpty()) {
        body += heading(tr("Fails without this update too"));
        for (const QString &test : job.failedBefore.mid(0, KnownFailures::most))
            body += "- " + markdownText(test) + '\n';
    }
    if (!job.plan.skipped.isEmpty()) {
        body += heading(tr("Left out"));
        for (const SkippedUpdate &skipped : job.plan.skipped)
            body += "- " + markdownCode(skipped.name) + ' ' + markdownText(skipped.reason) + '\n';
    }
    if (!job.notes.isEmpty()) {
        body += heading(tr("Noticed"));
        for (const QString &note : job.notes.mid(0, 20))
            body += "- " + markdownText(note) + '\n';
    }
    body += heading(tr("Not checked")) + "- "
        + tr("Behaviour that no test covers, and anything that needs network to be tested") + '\n';
    if (!job.unproved.isEmpty())
        body += "- "
            + tr("%1: the build and test scripts do not use it, so nothing was seen of the new "
                 "version. Run the script that does, let the test script call it, or name it in "
                 "the setting \"test-scripts\".")
                  .arg(markdownText(job.unproved.join(QStringLiteral(", "))))
            + '\n';
    return capped(body + provenanceText(job));
}

QString proposedText(const Job &job)
{
    if (job.proposal)
        return tr("It was proposed on branch %1.").arg(job.proposal->branch);
    static const QList<ErrorCode> open{ErrorCode::Interrupted, ErrorCode::Timeout,
                                       ErrorCode::NetworkDown};
    if (job.failure && job.failure->phase == PhaseKind::PullRequest
        && open.contains(job.failure->error.code))
        return tr("Whether it was proposed is not known: look for the branch %1.")
            .arg(branchNameOf(job.request.topic));
    return tr("Nothing was proposed.");
}

namespace {

QString cellText(const Job &job)
{
    const Phase *destroy = job.phase(PhaseKind::Destroy);
    if (destroy && destroy->state == PhaseState::Succeeded)
        return tr("The cell is gone.");
    return job.containerId.isEmpty() ? tr("No cell was made.")
                                     : tr("Whether the cell is gone is not known.");
}

/// Between backticks stands code.
QString withCode(const QString &text)
{
    const QStringList parts = text.split('`');
    if (parts.size() % 2 == 0)
        return markdownText(text);
    QString result;
    for (qsizetype i = 0; i < parts.size(); ++i)
        result += i % 2 == 1         ? markdownCode(parts[i])
            : parts[i].endsWith(' ') ? markdownText(parts[i]).trimmed() + ' '
                                     : markdownText(parts[i]);
    return result;
}

} // namespace

QString failureMarkdown(const Job &job)
{
    if (!job.failure)
        return {};
    const FailureReport &failure = *job.failure;
    QString text = "# "
        + tr("%1: failed in %2").arg(markdownText(jobTitle(job)), toString(failure.phase)) + "\n\n"
        + markdownText(failure.error.message) + "\n\n";
    if (!failure.step.isEmpty())
        text += tr("Step: %1").arg(failure.step) + "\n\n";
    if (!failure.tests.isEmpty()) {
        text += "## " + tr("Failing tests") + "\n\n";
        for (const TestCase &test : failure.tests) {
            text += "### " + markdownCode(test.fullName()) + '\n';
            if (const QString where = place(test); !where.isEmpty())
                text += '\n' + markdownCode(where) + '\n';
            if (!test.message.isEmpty())
                text += '\n' + fence(test.message);
            text += '\n';
        }
    }
    if (!failure.suggestions.isEmpty()) {
        text += "## " + tr("What to try") + "\n\n";
        for (const QString &suggestion : failure.suggestions)
            text += "- " + withCode(suggestion) + '\n';
        text += '\n';
    }
    if (!job.plan.updates.isEmpty()) {
        text += "## " + tr("What was tried") + "\n\n";
        for (const PlannedUpdate &update : job.plan.updates)
            text += "- " + markdownCode(update.name)
                + (update.project.isEmpty() ? QString() : " (" + markdownText(update.project) + ')')
                + ' ' + markdownCode(update.from) + " → " + markdownCode(update.to) + " ("
                + toString(update.level) + ")\n";
        text += '\n';
    }
    if (const QString code = codeText(job); !code.isEmpty())
        text += QString(code).replace("\n### ", "\n## ") + '\n';
    if (!failure.excerpt.isEmpty())
        text += "## " + tr("Output") + "\n\n" + fence(failure.excerpt);
    text += '\n' + markdownText(proposedText(job)) + ' ' + cellText(job) + '\n';
    return text;
}

namespace {

/// Which rules touched what fails, and what the rules left to a person.
QStringList codeSuggestions(const Job &job, const FailureReport &failure)
{
    QStringList list;
    QString told = failure.excerpt;
    for (const TestCase &test : failure.tests)
        told += '\n' + test.file + '\n' + test.message;
    for (const CodeChange &change : job.code.changes) {
        QStringList touched;
        for (const CodePlace &one : change.changed) {
            if (told.contains(one.file) && !touched.contains(one.file))
                touched << one.file;
        }
        if (!touched.isEmpty())
            list << tr("The rule %1 (%2) changed %3, which what failed names.")
                        .arg(change.package + '/' + change.rule, change.title,
                             touched.mid(0, 5).join(QStringLiteral(", ")));
    }
    for (const CodeChange &change : job.code.changes) {
        for (const CodePlace &one : change.byHand.mid(0, 5))
            list << tr("By hand at %1:%2: %3")
                        .arg(one.file)
                        .arg(one.line)
                        .arg(one.text.isEmpty() ? change.title : one.text);
    }
    return list.mid(0, 20);
}

} // namespace

QStringList suggestionsFor(const Job &job, const FailureReport &failure)
{
    QStringList list;
    const auto &updates = job.plan.updates;
    const bool afterUpdate = failure.phase == PhaseKind::Build || failure.phase == PhaseKind::Test;
    const bool broke = afterUpdate && failure.error.code != ErrorCode::NothingProves;
    if (broke && updates.size() > 1 && job.request.runId.isEmpty()) // a run does it itself
        list << tr("Update the packages one by one to find the one that breaks it.");
    if (broke) {
        for (const PlannedUpdate &update : updates) {
            if (update.level == UpdateLevel::Major)
                list << tr("%1 made a major step (%2 → %3): read its notes on breaking changes.")
                            .arg(update.name, update.from, update.to);
        }
        if (!failure.tests.isEmpty() && !failure.tests.first().file.isEmpty())
            list << tr("Start at %1.").arg(place(failure.tests.first()));
        list += codeSuggestions(job, failure);
    }
    // Jest 30 writes another address into the head of snapshot files, and with --ci refuses the
    // old.
    if (broke && failure.excerpt.contains(QLatin1String("Outdated guide link")))
        list << tr(
            "The snapshots were written by an older Jest, and it refuses their first line. Run "
            "`jest -u` with the new version, look at what differs, and commit that.");
    for (const QString &note : job.notes) {
        if (afterUpdate && (note.contains(QLatin1String("LFS")) || note.contains("submodule")))
            list << tr("A likely cause that no update has to do with: %1").arg(note);
    }
    if (failure.error.code == ErrorCode::NothingProves)
        list << (job.phase(PhaseKind::Test) && !job.phase(PhaseKind::Test)->commands.isEmpty()
                     ? tr("Let the test script run tests with a runner that says how many passed, "
                          "or let this client accept a build alone.")
                     : tr("Add a test script to package.json, or let this client accept a build "
                          "alone."));
    Job ended = job; // as the report will have it
    ended.failure = failure;
    for (const NextStep &step : nextSteps(ended))
        list << tr("%1: `%2`").arg(step.text, step.command);
    return list;
}

} // namespace ovvoc
