// Which registries a job may ask, and how its tools are led to them.

#include "crypto/jobauthority.h"
#include "gate/packagestore.h"
#include "jobs/jobrunner.h"

#include <QRegularExpression>
#include <QSet>
#include <QUrl>
#include <algorithm>

namespace ovvoc {

/// The registry that the package manager itself names, and those of the client.
TaskResult<QList<RegistryRoute>> JobRunner::registryRoutes()
{
    QList<RegistryRoute> routes;
    OVVOC_CO_TRY(own, routeTo(m_registry));
    own.isPublic = true;
    if (m_services.publicRegistry)
        own.host.privateAddresses = m_services.publicRegistry->privateAddresses;
    const QList<RegistrySetting> named = m_job.request.registries;
    for (const RegistrySetting &setting : named) {
        OVVOC_CO_TRY(route, routeTo(setting.url));
        route.host.privateAddresses = setting.privateAddresses;
        if (setting.credential != RegistrySetting::Credential::None) {
            if (!m_services.registryCredential)
                co_return fail(ErrorCode::NotFound,
                               tr("%1 needs a credential, and there is no client to have one.")
                                   .arg(setting.url));
            const QString client = m_job.request.clientId, url = setting.url;
            auto secret = co_await m_services.registryCredential(client, url);
            if (!secret && secret.error().code == ErrorCode::NotFound)
                co_return fail(ErrorCode::NotFound,
                               tr("The keychain has no credential for %1. Set one on the client's "
                                  "page, or with `ovvoc registry credential`.")
                                   .arg(setting.url));
            OVVOC_CO_CHECK(secret);
            OVVOC_CO_TRY(value, authorizationOf(setting.credential, **secret));
            route.authorization = value;
        }
        routes << route;
    }
    // A client's own entry for the same address comes first, and is not public.
    if (!isNamed(m_registry))
        routes << own;
    co_return routes;
}

TaskResult<> JobRunner::openGate()
{
    OVVOC_CO_TRY(routes, co_await registryRoutes());
    OVVOC_CO_TRY(authority, JobAuthority::make());
    // The tools trust the gate beside what they trust anyway, until it closes.
    ExecRequest trust;
    const QByteArray certificate = authority->certificatePem();
    const QString script = QStringLiteral("cat /etc/ssl/certs/ca-certificates.crt > \"$2\" && "
                                          "head -c \"$1\" >> \"$2\" && chmod 444 \"$2\" && "
                                          "mkdir -p -m 700 /work/tmp");
    trust.command = QStringList{
        "/bin/sh", "-c", script, "sh", QString::number(certificate.size()), authorityFile};
    trust.folder = QStringLiteral("/tmp");
    trust.input = certificate;
    trust.timeoutSeconds = 60;
    OVVOC_CO_TRY(trusted, co_await m_cell->exec(std::move(trust)));
    if (trusted.exitCode != 0)
        co_return fail(ErrorCode::DiskFull,
                       tr("The gate's certificate cannot be written in the cell."),
                       QString::fromUtf8(trusted.errors.left(500)));
    std::shared_ptr<PackageStore> packages;
    if (m_job.request.keptPackagesMib > 0 && !m_services.packagesFolder.isEmpty())
        packages = std::make_shared<PackageStore>(m_services.packagesFolder,
                                                  qint64(m_job.request.keptPackagesMib) << 20);
    QList<AllowedHost> hosts, all;
    for (const RegistryRoute &route : std::as_const(routes))
        all << route.host;
    for (const QString &url : std::as_const(m_job.request.extraHosts)) {
        OVVOC_CO_TRY(host, allowedHostFromUrl(url));
        hosts << host;
        all << host;
    }
    for (const AllowedHost &host : std::as_const(all))
        m_job.allowedHosts << (host.port == 443 ? host.name
                                                : host.name + ':' + QString::number(host.port));
    m_job.allowedHosts.removeDuplicates();
    m_gate->openRegistries(routes, authority, packages);
    m_gate->open(hosts);
    m_job.gateOpened = QDateTime::currentDateTimeUtc();
    co_return {};
}

/// What the repository asks for and the client's settings do not name, so that a person can name
/// it: by the hosts of what could not be asked for.
QStringList JobRunner::unnamedRegistries() const
{
    QMap<QString, QStringList> found; // address -> scopes
    for (const SurveyProject &project : m_survey.projects) {
        QSet<QString> hosts;
        for (const SurveyDependency &dependency : project.dependencies) {
            if (dependency.reasonCode == QLatin1String("private-registry"))
                hosts << dependency.registry;
        }
        QMap<QString, QString> asked = project.scopeRegistries;
        asked.insert(QString(), project.registry);
        for (auto it = asked.cbegin(); it != asked.cend(); ++it) {
            const QUrl url(it.value());
            if (!hosts.contains(url.port() < 0 ? url.host()
                                               : url.host() + ':' + QString::number(url.port())))
                continue;
            const QString full = it.value().endsWith('/') ? it.value() : it.value() + '/';
            if (!it.key().isEmpty() && !found[full].contains(it.key()))
                found[full] << it.key();
            else
                found.insert(full, found.value(full));
        }
    }
    QStringList list;
    for (auto it = found.cbegin(); it != found.cend() && list.size() < 20; ++it) {
        // A hostile one is no address that a settings file could hold.
        if (const auto registry = parseRegistry((QStringList{it.key()} + it.value()).join(' ')))
            list << toString(*registry);
    }
    return list;
}

/// Whether the client's settings name the registry at \a url.
bool JobRunner::isNamed(const QString &url) const
{
    const QString full = url.endsWith('/') ? url : url + '/';
    return std::ranges::any_of(m_job.request.registries, [&](const RegistrySetting &registry) {
        return registry.url == full;
    });
}

/// The registry of what is worked on: the one that the repository asks for where the client's
/// settings name it, else the package manager's own.
QString JobRunner::registry() const
{
    return isNamed(m_project.registry) ? m_project.registry : m_registry;
}

/// What the client's registries mean for the tools. They get no credential, the gate has it; but
/// some tools stop when a variable that the repository's settings name is not there.
void JobRunner::addRegistries(QHash<QString, QString> &environment, bool gateOpen) const
{
    static const QRegularExpression credential(
        QStringLiteral("TOKEN|AUTH|PASS|SECRET|KEY|USER|CRED"),
        QRegularExpression::CaseInsensitiveOption);
    // What these say decides what a tool trusts or runs, and none of them is a credential.
    static const QRegularExpression setting(
        QStringLiteral("^(npm_config_|pnpm_config_|yarn_|git_askpass|ssh_|ld_|xdg_|user\\z)"),
        QRegularExpression::CaseInsensitiveOption);
    for (const QString &name : m_project.credentialNames) {
        if (!environment.contains(name) && name.contains(credential) && !name.contains(setting))
            environment.insert(name, QStringLiteral("kept-outside"));
    }
    if (!gateOpen)
        return;
    QMap<QString, QString> scopes;
    const QMap<QString, QString> &asked = m_project.scopeRegistries;
    for (auto it = asked.begin(); it != asked.end(); ++it) {
        if (isNamed(it.value()))
            scopes.insert(it.key(), it.value());
    }
    for (const RegistrySetting &registry : m_job.request.registries) {
        for (const QString &scope : registry.scopes)
            scopes.insert(scope, registry.url);
    }
    QStringList list;
    for (auto it = scopes.begin(); it != scopes.end(); ++it) {
        environment.insert(QStringLiteral("npm_config_%1:registry").arg(it.key()), it.value());
        list << it.key() + '=' + it.value();
    }
    environment.insert(QStringLiteral("OVVOC_SCOPES"), list.join(' '));
}

} // namespace ovvoc
