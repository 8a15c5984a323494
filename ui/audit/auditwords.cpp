#include "audit/auditwords.h"

#include "clients/settings.h"
#include "format.h"

#include <QCoreApplication>
#include <QJsonArray>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Audit", text);
}

QString settingOr(const QJsonValue &value, const QString &otherwise)
{
    return value.isNull() || value.isUndefined() ? otherwise : settingText(value);
}

} // namespace

QString auditSentence(const AuditEntry &entry)
{
    if (!entry.readable)
        return tr("%1 (details were erased with the client)").arg(entry.action);
    const QJsonObject &d = entry.detail;
    const auto text = [&d](const char *name) { return settingText(d[QLatin1String(name)]); };
    const QString &a = entry.action;
    QString words;
    const bool begun = entry.result == QLatin1String("begun");
    if (a == QLatin1String("job.start")) {
        const QString what = text("package").isEmpty() ? tr("everything") : text("package");
        words = text("kind") == QLatin1String("scan")
            ? tr("Scan of %1 started").arg(text("repository"))
            : tr("Update of %1 started: %2").arg(text("repository"), what);
        if (text("trigger") == QLatin1String("schedule"))
            words += tr(", by schedule");
    } else if (a == QLatin1String("job.end")) {
        words = text("summary").isEmpty() ? tr("Job ended: %1").arg(entry.result)
                                          : tr("Job ended: %1").arg(text("summary"));
    } else if (a == QLatin1String("job.interrupted")) {
        words = tr("A job was cut off in %1").arg(text("phase"));
    } else if (a == QLatin1String("job.phase")) {
        words =
            tr("%1: %2 after %3")
                .arg(text("phase"), entry.result == QLatin1String("ok") ? tr("done") : entry.result,
                     seconds(qint64(d[QLatin1String("milliseconds")].toDouble())));
    } else if (a == QLatin1String("repository.access")) {
        words = tr("%1 was read at %2").arg(text("repository"), text("commit").left(10));
    } else if (a == QLatin1String("token.mint")) {
        const bool given = entry.result == QLatin1String("ok");
        words = (begun       ? tr("Asks for a token for %1 (%2)")
                     : given ? tr("Token minted for %1 (%2)")
                             : tr("No token was given for %1 (%2)"))
                    .arg(text("purpose"), text("permissions"));
    } else if (a == QLatin1String("token.revoke")) {
        words = begun ? tr("Token for %1 is being revoked").arg(text("purpose"))
            : entry.result == QLatin1String("ok")
            ? tr("Token for %1 revoked").arg(text("purpose"))
            : tr("Token for %1 could not be revoked").arg(text("purpose"));
    } else if (a == QLatin1String("token.revoke-leftover")) {
        words = tr("Tokens that an earlier end had left were revoked: %1").arg(text("tokens"));
    } else if (a == QLatin1String("gate.refuse")) {
        words = tr("The gate refused %1:%2, %3").arg(text("host"), text("port"), text("reason"));
    } else if (a == QLatin1String("pull-request.open")) {
        words = begun ? tr("Proposes on branch %1").arg(text("branch"))
            : entry.result != QLatin1String("ok")
            ? tr("Nothing was proposed on branch %1: %2").arg(text("branch"), entry.result)
            : d[QLatin1String("number")].toDouble() > 0
            ? tr("PR #%1 opened").arg(text("number"))
            : tr("Proposed on branch %1").arg(text("branch"));
    } else if (a == QLatin1String("client.add")) {
        words = tr("Client %1 added").arg(text("name"));
    } else if (a == QLatin1String("client.rename")) {
        words = tr("Client %1 renamed to %2").arg(text("before"), text("after"));
    } else if (a == QLatin1String("client.archive")) {
        words = tr("Client %1 archived").arg(text("name"));
    } else if (a == QLatin1String("client.restore")) {
        words = tr("Client %1 restored").arg(text("name"));
    } else if (a == QLatin1String("client.github")) {
        words = text("account").isEmpty()
            ? tr("GitHub App %1 connected").arg(text("app"))
            : tr("GitHub App %1 connected, for %2").arg(text("app"), text("account"));
    } else if (a == QLatin1String("client.erase")) {
        words = begun ? tr("A client is being erased") : tr("A client was erased");
    } else if (a == QLatin1String("client.export")) {
        words = tr("The client's data was exported");
    } else if (a == QLatin1String("client.report")) {
        words = tr("A report for the client was made");
    } else if (a == QLatin1String("client.test")) {
        words = tr("The connection to GitHub was tested");
    } else if (a == QLatin1String("client.colour")) {
        words = tr("The client's colour changed");
    } else if (a == QLatin1String("client.rotate-key")) {
        words = begun ? tr("The client's data key is being renewed")
                      : tr("The client's data key was renewed");
    } else if (a == QLatin1String("workspace.rotate-key")) {
        words =
            begun ? tr("The workspace key is being renewed") : tr("The workspace key was renewed");
    } else if (a == QLatin1String("key.store") || a == QLatin1String("key.rotate")) {
        words = begun ? tr("An App key is being put into the keychain")
                      : tr("An App key was put into the keychain");
    } else if (a == QLatin1String("key.remove")) {
        words = begun ? tr("An App key is being taken out of the keychain")
                      : tr("An App key was taken out of the keychain");
    } else if (a == QLatin1String("registry.credential.store")) {
        words = (begun ? tr("A credential for the registry %1 is being put into the keychain")
                       : tr("A credential for the registry %1 was put into the keychain"))
                    .arg(text("registry"));
    } else if (a == QLatin1String("registry.credential.remove")) {
        words = tr("The credential for the registry %1 was taken out of the keychain")
                    .arg(text("registry"));
    } else if (a == QLatin1String("repository.add")) {
        words = tr("Repository %1 added").arg(text("repository"));
    } else if (a == QLatin1String("repository.change")) {
        words = tr("Repository %1 changed").arg(text("repository"));
    } else if (a == QLatin1String("repository.remove")) {
        words = tr("Repository %1 removed").arg(text("repository"));
    } else if (a == QLatin1String("settings.change")) {
        words = tr("Setting %1: %2 → %3")
                    .arg(text("setting"), settingOr(d[QLatin1String("before")], tr("inherited")),
                         settingOr(d[QLatin1String("after")], tr("inherited")));
        if (!text("repository").isEmpty())
            words += tr(", for %1").arg(text("repository"));
    } else if (a == QLatin1String("program.start")) {
        words = tr("%1 %2 started").arg(text("program"), text("version"));
    } else if (a == QLatin1String("program.stop")) {
        words = tr("%1 ended").arg(text("program"));
    } else if (a == QLatin1String("record.withdrawn")) {
        words = tr("A record that was not kept was taken back");
    } else if (a == QLatin1String("audit.accept")) {
        QStringList problems;
        for (const auto &problem : d[QLatin1String("problems")].toArray())
            problems << problem.toString();
        words = tr("A person accepted the log with what was found wrong in it: %1")
                    .arg(problems.isEmpty() ? tr("nothing") : problems.join(QLatin1Char(' ')));
    } else if (a == QLatin1String("audit.cover")) {
        words = tr("The checks now also cover what was kept before they did");
    } else if (a == QLatin1String("audit.export")) {
        words = tr("The audit log was exported");
    } else if (a == QLatin1String("updates.export")) {
        words = tr("Pending updates were exported: %1").arg(text("updates"));
    } else if (a == QLatin1String("jobs.export")) {
        words = tr("Jobs were exported: %1").arg(text("jobs"));
    } else {
        QStringList parts;
        for (auto it = d.begin(); it != d.end(); ++it)
            parts << QStringLiteral("%1 %2").arg(it.key(), settingText(it.value()));
        words = parts.isEmpty() ? a : QStringLiteral("%1: %2").arg(a, parts.join(", "));
    }
    return words;
}

QList<std::pair<QString, QString>> auditGroups()
{
    return {{QString(), tr("All actions")},
            {"client.", tr("Clients")},
            {"repository.", tr("Repositories")},
            {"settings.", tr("Settings")},
            {"job.", tr("Jobs and phases")},
            {"token.", tr("Tokens")},
            {"gate.", tr("Refusals of the gate")},
            {"pull-request.", tr("Pull requests")},
            {"key.", tr("Keys")},
            {"program.", tr("Program starts and ends")}};
}

} // namespace ovvoc
