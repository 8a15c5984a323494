// `ovvoc updates …`: what scans found to do, by repository or by package.

#include "cli/workspacecommands.h"
#include "jobs/packagerows.h"

namespace ovvoc::cli {

namespace {

QString advisoriesOf(const PendingUpdate &update)
{
    QStringList all;
    for (const Advisory &advisory : update.advisories)
        all << QStringLiteral("%1: %2").arg(advisory.severity, advisory.title);
    return all.join(QStringLiteral("; "));
}

void showUpdate(Call call, const PendingRow &row)
{
    const PendingUpdate &update = row.update;
    const ScannedDependency &dependency = update.dependency;
    QString line = QStringLiteral("%1  %2  %3  %4 → %5  %6")
                       .arg(row.client, row.repository, dependency.name, dependency.current,
                            update.target, toString(update.level));
    if (update.isSecurity())
        line += QStringLiteral("  ! ") + advisoriesOf(update);
    if (!update.waits.isEmpty())
        line += QStringLiteral("  (%1)").arg(update.waits);
    show(call,
         {{"client", row.client},
          {"repository", row.repository},
          {"project", dependency.project},
          {"package", dependency.name},
          {"from", dependency.current},
          {"to", update.target},
          {"level", toString(update.level)},
          {"advisories", advisoriesOf(update)},
          {"waits", update.waits}},
         line);
}

void showPackage(Call call, const PackageRow &row)
{
    QString line = tr("%1  in %2 repositories of %3 clients  %4 → %5  %6")
                       .arg(row.name)
                       .arg(row.repositories)
                       .arg(row.clients)
                       .arg(row.installed(), row.target, toString(row.level));
    if (!row.severity.isEmpty())
        line += QStringLiteral("  ! ") + row.severity;
    if (row.waiting > 0)
        line += QStringLiteral("  ") + tr("(%1 held back by settings)").arg(row.waiting);
    show(call,
         {{"package", row.name},
          {"repositories", row.repositories},
          {"clients", row.clients},
          {"lowest", row.lowest},
          {"highest", row.highest},
          {"to", row.target},
          {"level", toString(row.level)},
          {"severity", row.severity},
          {"heldBack", row.waiting}},
         line);
}

} // namespace

TaskResult<> updatesCommand(Call call, std::shared_ptr<Records> records)
{
    const QString verb = call.words.value(1);
    if (!verb.isEmpty() && verb != QLatin1String("list") && verb != QLatin1String("packages"))
        co_return usage(tr("There is no `ovvoc updates %1`.").arg(verb));
    OVVOC_CO_TRY(clients, records->workspace->clients());
    if (call.has("client")) {
        OVVOC_CO_TRY(client, records->workspace->client(call.option("client")));
        clients = {client};
    }
    Overviews overviews(records->workspace, records->archive);
    QList<PendingRow> rows;
    int scanned = 0, unscanned = 0, unasked = 0, unjudged = 0;
    for (const Client &client : std::as_const(clients)) {
        if (client.archived)
            continue;
        OVVOC_CO_TRY(overview, overviews.compute(client));
        rows += pendingRows(overview);
        unjudged += overview.unjudged();
        for (const RepositoryOverview &one : overview.repositories) {
            if (one.repository.archived)
                continue;
            (one.scanned ? scanned : unscanned) += 1;
            unasked += one.scanned && !one.advisoriesChecked ? 1 : 0;
        }
    }
    if (verb == QLatin1String("packages")) {
        for (const PackageRow &row : packageRows(rows))
            showPackage(call, row);
    } else {
        for (const PendingRow &row : std::as_const(rows))
            showUpdate(call, row);
    }
    if (call.json) { // what the lines say nothing of
        show(call,
             {{"scanned", scanned},
              {"notScanned", unscanned},
              {"advisoriesNotChecked", unasked},
              {"notJudged", unjudged}},
             {});
        co_return {};
    }
    if (rows.isEmpty() && scanned > 0)
        call.console.line(tr("The last scans found nothing to move."));
    if (unscanned > 0)
        call.console.line(tr("Not scanned yet, so not known: %1 repositories. `ovvoc scan` asks.")
                              .arg(unscanned));
    if (unasked > 0)
        call.console.line(
            tr("Advisories were not checked: %1 repositories; the scans say why.").arg(unasked));
    if (unjudged > 0)
        call.console.line(tr("Not judged: %1 dependencies; the scans say why.").arg(unjudged));
    co_return {};
}

} // namespace ovvoc::cli
