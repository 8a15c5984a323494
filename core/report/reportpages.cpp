// The report as it is read: a page, a table, a terminal's text. Every name in it comes from
// elsewhere and is escaped.

#include "base/csv.h"
#include "report/clientreport.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QLocale>

namespace ovvoc {

namespace {

QString tr(const char *text, int n = -1)
{
    return QCoreApplication::translate("ClientReport", text, nullptr, n);
}

QString html(const QString &text)
{
    return text.toHtmlEscaped();
}

QString dayText(const QDate &day)
{
    return QLocale().toString(day, QLocale::LongFormat);
}

/// "3 h 20 min", "12 min"
QString timeText(qint64 minutes)
{
    return minutes >= 60 ? tr("%1 h %2 min").arg(minutes / 60).arg(minutes % 60)
                         : tr("%1 min").arg(minutes);
}

qint64 savedMinutes(const ClientReport &report)
{
    return qint64(report.updates.size()) * report.minutesPerUpdate;
}

/// What nobody may take for "none".
QStringList unknowns(const ClientReport &report)
{
    QStringList lines;
    if (!report.notScanned.isEmpty())
        lines << tr("Not scanned, so nothing is known of what waits there: %1.")
                     .arg(report.notScanned.join(QStringLiteral(", ")));
    if (!report.advisoriesUnknown.isEmpty())
        lines << tr("Advisories could not be asked for: %1.")
                     .arg(report.advisoriesUnknown.join(QStringLiteral(", ")));
    if (report.unreadable > 0)
        lines << tr("%n record(s) could not be read and are not counted.", report.unreadable);
    if (report.cut)
        lines << tr("There were more jobs than are counted; the oldest are left out.");
    return lines;
}

QString isolationText(const ReportedIsolation &all)
{
    if (all.cells == 0)
        return tr("No container ran in these days.");
    QString text =
        tr("%n container(s), each for one job; the engine confirmed the end of %1.", all.cells)
            .arg(all.destroyed)
        + ' ';
    const int found = all.controls - all.differing - all.absent;
    text += found == all.controls
        ? tr("%n control(s) were looked at, and all were found as asked.", all.controls)
        : tr("%n control(s) were looked at: %1 found as asked, %2 weaker, %3 that this engine or "
             "kernel does not have.",
             all.controls)
              .arg(found)
              .arg(all.differing)
              .arg(all.absent);
    if (all.built > 0)
        text += ' '
            + tr("In %1 of %2 that ran code of yours the network had been closed for good before.")
                  .arg(all.sealed)
                  .arg(all.built);
    if (all.tokens > 0)
        text += ' '
            + tr("%1 of %2 access tokens were revoked after use, as the forge confirmed.")
                  .arg(all.tokensRevoked)
                  .arg(all.tokens);
    if (!all.hosts.isEmpty())
        text += ' ' + tr("Fetched from: %1.").arg(all.hosts.join(QStringLiteral(", ")));
    return text;
}

constexpr char style[] = R"css(
body { font-family: "Noto Sans", "Segoe UI", "Helvetica Neue", Arial, sans-serif; font-size: 10.5pt;
  color: #1c2430; max-width: 60em; margin: 2em auto; padding: 0 1.5em; }
h1 { font-size: 20pt; margin: 0.2em 0 0; } h2 { font-size: 13pt; margin: 1.6em 0 0.4em; }
p { margin: 0.4em 0; line-height: 1.45; } .quiet { color: #5b6675; }
table.list { border-collapse: collapse; width: 100%; }
table.list th { text-align: left; border-bottom: 1px solid #9aa5b4; padding: 4px 10px 4px 0;
  font-weight: 600; }
table.list td { vertical-align: top; border-bottom: 1px solid #dfe4ea; padding: 4px 10px 4px 0; }
td.bad { color: #a11d1d; } td.number { font-size: 18pt; padding-right: 0.5em; }
img { max-height: 56px; max-width: 220px; }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
)css";

QString table(const QStringList &heads, const QList<QStringList> &rows)
{
    QString text = QStringLiteral(
        "<table class=\"list\" width=\"100%\" border=\"0\" cellspacing=\"0\"><thead><tr>");
    for (const QString &head : heads)
        text += QStringLiteral("<th align=\"left\">%1</th>").arg(html(head));
    text += QStringLiteral("</tr></thead><tbody>\n");
    for (const QStringList &row : rows) {
        text += QStringLiteral("<tr>");
        for (const QString &cell : row)
            text += QStringLiteral("<td>%1</td>").arg(cell);
        text += QStringLiteral("</tr>\n");
    }
    return text + QStringLiteral("</tbody></table>\n");
}

QString proposalCell(const ReportedUpdate &update)
{
    const QString name = update.location.isEmpty()
        ? html(update.proposal)
        : QStringLiteral("<a href=\"%1\">%2</a>").arg(html(update.location), html(update.proposal));
    return QStringLiteral("%1<br><span class=\"quiet\">%2</span>").arg(name, html(update.state));
}

QString updatesTable(const QList<ReportedUpdate> &updates)
{
    QList<QStringList> rows;
    for (const ReportedUpdate &one : updates)
        rows << QStringList{html(one.repository),
                            html(one.package)
                                + (one.fixes.isEmpty() ? QString()
                                                       : QStringLiteral("<br>")
                                           + html(tr("fixes %1").arg(one.fixes.join("; ")))),
                            html(one.from + QStringLiteral(" → ") + one.to), html(one.level),
                            proposalCell(one)};
    return table({tr("Repository"), tr("Package"), tr("Step"), tr("Size"), tr("Proposal")}, rows);
}

QString pendingTable(const QList<ReportedPending> &pending)
{
    QList<QStringList> rows;
    for (const ReportedPending &one : pending)
        rows << QStringList{
            html(one.repository), html(one.package),
            html(one.from + QStringLiteral(" → ") + one.to), html(one.level),
            html((one.advisories + (one.waits.isEmpty() ? QStringList() : QStringList{one.waits}))
                     .join(QStringLiteral("; ")))};
    return table({tr("Repository"), tr("Package"), tr("Step"), tr("Size"), tr("What to know")},
                 rows);
}

QString failuresTable(const QList<ReportedFailure> &failures)
{
    QList<QStringList> rows;
    for (const ReportedFailure &one : failures)
        rows << QStringList{html(one.repository), html(one.what),
                            html(one.why)
                                + (one.tests.isEmpty()
                                       ? QString()
                                       : QStringLiteral("<br><span class=\"quiet\">%1</span>")
                                             .arg(html(one.tests.join(QStringLiteral("; "))))),
                            html(one.when.toUTC().date().toString(Qt::ISODate))};
    return table({tr("Repository"), tr("Update"), tr("Why it is not proposed"), tr("Day")}, rows);
}

QString section(const QString &title, const QString &body)
{
    return QStringLiteral("<h2>%1</h2>\n%2").arg(html(title), body);
}

QString paragraph(const QString &text)
{
    return QStringLiteral("<p>%1</p>\n").arg(html(text));
}

QString figures(const ClientReport &report)
{
    const auto row = [](qint64 number, const QString &what, bool known = true) {
        return QStringLiteral("<tr><td class=\"number\" align=\"right\" valign=\"middle\"><b>%1</b>"
                              "</td><td valign=\"middle\">%2</td></tr>\n")
            .arg(known ? QLocale().toString(number) : QStringLiteral("–"), html(what));
    };
    // Where nothing was looked at, nothing is said to wait.
    const bool scanned = report.notScanned.size() < report.repositories;
    const bool asked =
        scanned && report.notScanned.size() + report.advisoriesUnknown.size() < report.repositories;
    QString text = QStringLiteral("<table cellspacing=\"0\" cellpadding=\"4\">\n");
    text +=
        row(report.updates.size(), tr("updates proposed, each after what proves it had passed"));
    text += row(report.securityUpdates(), tr("of them end a known vulnerability"),
                asked || report.securityUpdates() > 0);
    text += row(report.pending.size(), tr("updates wait, as of the last scans"), scanned);
    text +=
        row(report.openAdvisories(), tr("of them for a package with a known vulnerability"), asked);
    text += row(report.failures.size(), tr("updates did not pass, and were not proposed"));
    return text + QStringLiteral("</table>\n");
}

QString savedText(const ClientReport &report)
{
    if (report.minutesPerUpdate <= 0 || report.updates.isEmpty())
        return {};
    return tr("Time saved, estimated at %1 min for an update that somebody makes and tests by "
              "hand: "
              "%2. Containers worked for %3.")
        .arg(report.minutesPerUpdate)
        .arg(timeText(savedMinutes(report)), timeText(report.machineSeconds / 60));
}

template <typename T, typename Pick> QList<T> picked(const QList<T> &all, Pick pick)
{
    QList<T> result;
    std::ranges::copy_if(all, std::back_inserter(result), pick);
    return result;
}

} // namespace

QString htmlOf(const ClientReport &report)
{
    const QString title = tr("Dependency updates: %1").arg(report.client);
    QString page = QStringLiteral("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>%1"
                                  "</title><style>%2</style></head><body>\n")
                       .arg(html(title), QLatin1String(style));
    if (!report.logo.isEmpty())
        page += QStringLiteral("<p><img alt=\"\" height=\"56\" src=\"data:%1;base64,%2\"></p>\n")
                    .arg(QLatin1String(report.logo.startsWith('\xff') ? "image/jpeg" : "image/png"),
                         QString::fromLatin1(report.logo.toBase64()));
    if (!report.agency.isEmpty())
        page += QStringLiteral("<p class=\"quiet\">%1</p>\n").arg(html(report.agency));
    page += QStringLiteral("<h1>%1</h1>\n").arg(html(title));
    page += QStringLiteral("<p class=\"quiet\">%1</p>\n")
                .arg(html(tr("%1 to %2 · %n repositories", report.repositories)
                              .arg(dayText(report.span.from), dayText(report.span.to))));
    page += figures(report);
    for (const QString &line : unknowns(report))
        page += QStringLiteral("<p><b>%1</b></p>\n").arg(html(line));

    const auto fixing = [](const ReportedUpdate &one) { return !one.fixes.isEmpty(); };
    const auto plain = [](const ReportedUpdate &one) { return one.fixes.isEmpty(); };
    const auto open = [](const ReportedPending &one) { return !one.advisories.isEmpty(); };
    const auto quiet = [](const ReportedPending &one) { return one.advisories.isEmpty(); };
    const auto fixed = picked(report.updates, fixing);
    const auto others = picked(report.updates, plain);
    const auto vulnerable = picked(report.pending, open);
    const auto waiting = picked(report.pending, quiet);

    QString security;
    if (!fixed.isEmpty())
        security += updatesTable(fixed);
    if (!vulnerable.isEmpty())
        security += paragraph(tr("Still to be done:")) + pendingTable(vulnerable);
    if (!report.advisories.isEmpty()) {
        security += paragraph(tr("Known to the last scans, also of packages that others bring:"));
        for (const QString &one : report.advisories)
            security += paragraph(one);
    }
    const bool all = report.repositories > 0 && report.notScanned.isEmpty()
        && report.advisoriesUnknown.isEmpty();
    if (security.isEmpty())
        security =
            paragraph(all ? tr("The last scans know of no vulnerability in what is installed.")
                          : tr("Nothing is known of vulnerabilities where it says so above."));
    page += section(tr("Security"), security);
    page += section(tr("What was updated"),
                    others.isEmpty() ? paragraph(tr("Nothing else was proposed in these days."))
                                     : updatesTable(others));
    if (!waiting.isEmpty())
        page += section(tr("What waits"), pendingTable(waiting));
    page += section(tr("What did not pass, and why"),
                    report.failures.isEmpty()
                        ? paragraph(report.updates.isEmpty()
                                        ? tr("No update came to its end in these days.")
                                        : tr("Nothing that came to its end failed."))
                        : failuresTable(report.failures));
    QString how = paragraph(isolationText(report.isolation));
    if (const QString saved = savedText(report); !saved.isEmpty())
        how += paragraph(saved);
    how += paragraph(tr("An update is proposed only when the repository's own build and tests pass "
                        "with it, or what the settings take in their place. Nothing of the code "
                        "was kept."));
    page += section(tr("How it was done"), how);
    page +=
        QStringLiteral("<p class=\"quiet\">%1</p>\n</body></html>\n")
            .arg(html(tr("Made on %1 with Ovvoc Desktop %2.")
                          .arg(dayText(report.made.toUTC().date()), QLatin1String(OVVOC_VERSION))));
    return page;
}

QByteArray csvOf(const ClientReport &report)
{
    QByteArray text =
        csvLine({tr("what"), tr("repository"), tr("package"), tr("from"), tr("to"), tr("size"),
                 tr("advisories"), tr("proposal"), tr("state or reason"), tr("day")});
    const auto day = [](const QDateTime &time) {
        return time.toUTC().date().toString(Qt::ISODate);
    };
    for (const ReportedUpdate &one : report.updates)
        text += csvLine({tr("updated"), one.repository, one.package, one.from, one.to, one.level,
                         one.fixes.join(QStringLiteral("; ")),
                         one.location.isEmpty() ? one.proposal : one.location, one.state,
                         day(one.proposed)});
    for (const ReportedPending &one : report.pending)
        text +=
            csvLine({tr("waits"), one.repository, one.package, one.from, one.to, one.level,
                     one.advisories.join(QStringLiteral("; ")), QString(), one.waits, QString()});
    for (const ReportedFailure &one : report.failures)
        text += csvLine({tr("did not pass"), one.repository, one.what, QString(), QString(),
                         QString(), QString(), QString(), one.why, day(one.when)});
    return text;
}

QString plainOf(const ClientReport &report)
{
    QStringList lines;
    lines << QStringLiteral("%1, %2 – %3")
                 .arg(report.client, report.span.from.toString(Qt::ISODate),
                      report.span.to.toString(Qt::ISODate));
    lines << tr("%1 updates proposed, %2 of them for a vulnerability; %3 did not pass.")
                 .arg(report.updates.size())
                 .arg(report.securityUpdates())
                 .arg(report.failures.size());
    if (report.notScanned.size() < report.repositories)
        lines << tr("%1 wait, %2 of them for a package with a known vulnerability.")
                     .arg(report.pending.size())
                     .arg(report.openAdvisories());
    lines += unknowns(report);
    for (const ReportedUpdate &one : report.updates)
        lines << QStringLiteral("  ✓ %1  %2 %3 → %4  %5  %6")
                     .arg(one.repository, one.package, one.from, one.to, one.proposal, one.state)
                + (one.fixes.isEmpty() ? QString() : QStringLiteral("  ! ") + one.fixes.join("; "));
    for (const ReportedPending &one : report.pending)
        lines << QStringLiteral("  ○ %1  %2 %3 → %4  %5")
                     .arg(one.repository, one.package, one.from, one.to,
                          one.waits.isEmpty() ? one.level : one.waits)
                + (one.advisories.isEmpty() ? QString()
                                            : QStringLiteral("  ! ") + one.advisories.join("; "));
    for (const QString &one : report.advisories)
        lines << QStringLiteral("  ! ") + one;
    for (const ReportedFailure &one : report.failures)
        lines << QStringLiteral("  ✗ %1  %2: %3").arg(one.repository, one.what, one.why);
    lines << isolationText(report.isolation);
    if (const QString saved = savedText(report); !saved.isEmpty())
        lines << saved;
    return lines.join('\n');
}

QJsonObject toJson(const ClientReport &report)
{
    QJsonArray updates, pending, failures;
    for (const ReportedUpdate &one : report.updates)
        updates << QJsonObject{{"repository", one.repository},
                               {"package", one.package},
                               {"from", one.from},
                               {"to", one.to},
                               {"level", one.level},
                               {"fixes", QJsonArray::fromStringList(one.fixes)},
                               {"proposal", one.proposal},
                               {"location", one.location},
                               {"state", one.state},
                               {"proposed", one.proposed.toUTC().toString(Qt::ISODate)}};
    for (const ReportedPending &one : report.pending)
        pending << QJsonObject{{"repository", one.repository},
                               {"package", one.package},
                               {"from", one.from},
                               {"to", one.to},
                               {"level", one.level},
                               {"advisories", QJsonArray::fromStringList(one.advisories)},
                               {"waits", one.waits}};
    for (const ReportedFailure &one : report.failures)
        failures << QJsonObject{{"repository", one.repository},
                                {"update", one.what},
                                {"reason", one.why},
                                {"tests", QJsonArray::fromStringList(one.tests)},
                                {"time", one.when.toUTC().toString(Qt::ISODate)}};
    const ReportedIsolation &cells = report.isolation;
    return {{"client", report.client},
            {"agency", report.agency},
            {"from", report.span.from.toString(Qt::ISODate)},
            {"to", report.span.to.toString(Qt::ISODate)},
            {"repositories", report.repositories},
            {"scans", report.scans},
            {"updates", updates},
            {"pending", pending},
            {"failures", failures},
            {"advisories", QJsonArray::fromStringList(report.advisories)},
            {"notScanned", QJsonArray::fromStringList(report.notScanned)},
            {"advisoriesUnknown", QJsonArray::fromStringList(report.advisoriesUnknown)},
            {"unreadable", report.unreadable},
            {"cut", report.cut},
            {"minutesSaved", savedMinutes(report)},
            {"machineSeconds", report.machineSeconds},
            {"isolation",
             QJsonObject{{"cells", cells.cells},
                         {"destroyed", cells.destroyed},
                         {"controls", cells.controls},
                         {"differing", cells.differing},
                         {"absent", cells.absent},
                         {"built", cells.built},
                         {"sealedBeforeBuild", cells.sealed},
                         {"tokens", cells.tokens},
                         {"tokensRevoked", cells.tokensRevoked},
                         {"hosts", QJsonArray::fromStringList(cells.hosts)}}}};
}

} // namespace ovvoc
