#include "audit/auditlog.h"

#include "audit/auditlog_p.h"
#include "base/logging.h"
#include "crypto/sealing.h"
#include "crypto/signing.h"

#include <QCoreApplication>
#include <QIODevice>
#include <QJsonArray>
#include <pwd.h>
#include <qcoro/qcorotimer.h>
#include <unistd.h>

namespace ovvoc {

using namespace audit;

AuditLog::AuditLog(Database *database, std::shared_ptr<const WorkspaceKeys> keys,
                   std::shared_ptr<SecretStore> store, QString workspaceId, ClientKey clientKey)
    : m_database(database)
    , m_keys(std::move(keys))
    , m_store(std::move(store))
    , m_workspaceId(std::move(workspaceId))
    , m_clientKey(std::move(clientKey))
{
    m_headTimer.setSingleShot(true);
    m_headTimer.setInterval(1000);
    connect(&m_headTimer, &QTimer::timeout, this, [this] {
        QCoro::connect(writeHead(), this, [this](const Result<> &done) {
            if (done)
                return;
            log().warn("audit: the head is not in the keychain: {}",
                       toString(done.error().code).toStdString());
            emit failed(done.error());
        });
    });
}

QString AuditLog::actor() const
{
    const passwd *user = ::getpwuid(::getuid());
    const QString name = user ? QString::fromLocal8Bit(user->pw_name) : QString::number(::getuid());
    return m_login.isEmpty() ? name : name + " (" + m_login + ')';
}

QByteArray AuditLog::checkpointText(qint64 seq, const QByteArray &hash, qint64 previous) const
{
    const QByteArray text =
        m_workspaceId.toLatin1() + '\n' + QByteArray::number(seq) + '\n' + hash.toHex() + '\n';
    // Before signatures named the one before them.
    if (previous < 0)
        return "ovvoc audit 1\n" + text;
    return "ovvoc audit 2\n" + text + QByteArray::number(previous) + '\n';
}

Result<> AuditLog::signEntry(qint64 seq, const QByteArray &hash)
{
    OVVOC_TRY(newest, m_database->value(QStringLiteral("SELECT max(seq) FROM checkpoint")));
    const qint64 previous = newest.toLongLong(); // 0: there is none
    if (previous >= seq)
        return {};
    OVVOC_TRY(signature, sign(m_keys->auditSeed(), checkpointText(seq, hash, previous)));
    OVVOC_CHECK(m_database->run(
        QStringLiteral(
            "INSERT INTO checkpoint (seq, hash, signature, previous) VALUES (?, ?, ?, ?)"),
        {seq, hash, signature, previous}));
    return {};
}

Result<> AuditLog::add(const AuditEvent &event)
{
    if (m_frozen)
        return fail(*m_frozen);
    OVVOC_CHECK(m_database->transaction([&] { return addIn(event); }));
    if (!m_headTimer.isActive())
        m_headTimer.start();
    emit added();
    return {};
}

Result<> AuditLog::addIn(const AuditEvent &event)
{
    OVVOC_TRY(
        last,
        m_database->rows(QStringLiteral("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")));
    const qint64 seq = last.isEmpty() ? 1 : last[0][0].toLongLong() + 1;
    const QByteArray previous = last.isEmpty() ? QByteArray(32, '\0') : last[0][1].toByteArray();
    // Nothing is added to a log whose end was cut off or exchanged while it was open.
    if (m_seenSeq > 0)
        OVVOC_CHECK(compareWithHead({m_seenSeq, m_seenHash, 0}));
    const qint64 time = QDateTime::currentMSecsSinceEpoch();
    QJsonObject detailObject = event.detail;
    if (!event.covers.isEmpty()) {
        QJsonObject covers;
        for (auto it = event.covers.begin(); it != event.covers.end(); ++it)
            covers[it.key()] = QString::fromLatin1(it.value().toHex());
        detailObject[coversMember] = covers;
    }
    const QByteArray salted = randomBytes(saltSize) + canonical(detailObject);
    const QString who = actor();
    const QJsonObject object{
        {"action", event.action},   {"actor", who},
        {"client", event.clientId}, {"detail", QString::fromLatin1(digest(salted).toHex())},
        {"job", event.job},         {"previous", QString::fromLatin1(previous.toHex())},
        {"result", event.result},   {"seq", seq},
        {"time", iso(time)}};
    const QByteArray text = canonical(object);
    const QByteArray hash = digest(text);
    const SecretBytes *clientKey = event.clientId.isEmpty() ? nullptr : m_clientKey(event.clientId);
    OVVOC_TRY(sealed, seal(m_keys->records(), text, place("entry", seq)));
    OVVOC_TRY(detail,
              seal(clientKey ? *clientKey : m_keys->records(), salted, place("detail", seq)));
    OVVOC_CHECK(m_database->run(
        QStringLiteral("INSERT INTO audit (seq, time, client, job, action, actor_hash, hash, "
                       "sealed, detail_sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        {seq, time, event.clientId.isNull() ? QString("") : event.clientId,
         event.job.isNull() ? QString("") : event.job, event.action,
         keyedHash(m_keys->search(), who.toUtf8()), hash, sealed, detail}));
    if (seq % checkpointEvery == 0)
        OVVOC_CHECK(signEntry(seq, hash));
    return {};
}

Result<AuditLog::Stored> AuditLog::stored(const Database::Row &row) const
{
    Stored entry;
    entry.seq = row[0].toLongLong();
    entry.time = row[1].toLongLong();
    entry.client = row[2].toString();
    entry.job = row[3].toString();
    entry.action = row[4].toString();
    entry.hash = row[5].toByteArray();
    entry.actorHash = row[8].toByteArray();
    auto text = unseal(m_keys->records(), row[6].toByteArray(), place("entry", entry.seq));
    if (text) {
        entry.text = *text;
        entry.object = QJsonDocument::fromJson(*text).object();
    }
    const SecretBytes *clientKey = entry.client.isEmpty() ? nullptr : m_clientKey(entry.client);
    auto salted = unseal(clientKey ? *clientKey : m_keys->records(), row[7].toByteArray(),
                         place("detail", entry.seq));
    if (salted)
        entry.salted = *salted;
    // What belongs to a client that is gone is expected to be unreadable; anything else is not.
    entry.erased = !salted && !entry.client.isEmpty() && !clientKey;
    return entry;
}

Result<QList<AuditEntry>> AuditLog::entries(const AuditFilter &filter) const
{
    QString where = QStringLiteral("1");
    QVariantList values;
    const auto require = [&](const QString &condition, const QVariant &value) {
        where += " AND " + condition;
        values << value;
    };
    if (!filter.clientId.isEmpty())
        require(QStringLiteral("client = ?"), filter.clientId);
    if (!filter.job.isEmpty())
        require(QStringLiteral("job = ? AND job <> ''"), filter.job);
    if (filter.action.endsWith('.'))
        require(QStringLiteral("substr(action, 1, %1) = ?").arg(filter.action.size()),
                filter.action);
    else if (!filter.action.isEmpty())
        require(QStringLiteral("action = ?"), filter.action);
    if (!filter.actor.isEmpty())
        require(QStringLiteral("actor_hash = ?"),
                keyedHash(m_keys->search(), filter.actor.toUtf8()));
    if (filter.from.isValid())
        require(QStringLiteral("time >= ?"), filter.from.toMSecsSinceEpoch());
    if (filter.to.isValid())
        require(QStringLiteral("time < ?"), filter.to.toMSecsSinceEpoch());
    if (filter.before > 0)
        require(QStringLiteral("seq < ?"), filter.before);
    values << filter.limit;
    OVVOC_TRY(
        list,
        m_database->rows(QStringLiteral("SELECT %1 FROM audit WHERE %2 ORDER BY seq DESC LIMIT ?")
                             .arg(QLatin1String(columns), where),
                         values));
    QList<AuditEntry> result;
    for (const Database::Row &row : list) {
        OVVOC_TRY(one, stored(row));
        AuditEntry entry;
        entry.seq = one.seq;
        entry.time = QDateTime::fromMSecsSinceEpoch(one.time, Qt::UTC);
        entry.actor = one.object["actor"].toString();
        entry.action = one.action;
        entry.clientId = one.client;
        entry.job = one.job;
        entry.result = one.object["result"].toString();
        entry.readable = !one.salted.isEmpty();
        entry.detail = one.detail();
        entry.detail.remove(coversMember); // for Verify only
        result << entry;
    }
    return result;
}

TaskResult<> AuditLog::exportTo(QIODevice *device, AuditFilter filter, bool settled)
{
    if (settled)
        OVVOC_CO_CHECK(co_await settle());
    OVVOC_CO_TRY(publicKey, publicKeyOf(m_keys->auditSeed()));
    OVVOC_CO_TRY(pem, publicKeyPem(publicKey));
    const auto line = [device](const QJsonObject &object) -> Result<> {
        const QByteArray text = QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
        if (device->write(text) != text.size())
            return fail(ErrorCode::DiskFull,
                        tr("The export cannot be written: %1").arg(device->errorString()));
        return {};
    };
    OVVOC_CO_CHECK(line({{"format", "ovvoc-audit-1"},
                         {"workspace", m_workspaceId},
                         {"publicKey", QString::fromLatin1(pem)}}));
    qint64 next = 1;
    for (;;) {
        OVVOC_CO_TRY(list,
                     m_database->rows(QStringLiteral("SELECT %1 FROM audit WHERE seq >= ? "
                                                     "ORDER BY seq LIMIT ?")
                                          .arg(QLatin1String(columns)),
                                      {next, chunk}));
        if (list.isEmpty())
            break;
        for (const Database::Row &row : list) {
            OVVOC_CO_TRY(entry, stored(row));
            QJsonObject object{{"entry", QString::fromUtf8(entry.text)},
                               {"hash", QString::fromLatin1(entry.hash.toHex())}};
            const QDateTime time = QDateTime::fromMSecsSinceEpoch(entry.time, Qt::UTC);
            const bool wanted = (filter.clientId.isEmpty() || filter.clientId == entry.client)
                && (filter.job.isEmpty() || filter.job == entry.job)
                && (filter.action.isEmpty() || filter.action == entry.action
                    || (filter.action.endsWith('.') && entry.action.startsWith(filter.action)))
                && (!filter.from.isValid() || time >= filter.from)
                && (!filter.to.isValid() || time < filter.to);
            if (wanted && !entry.salted.isEmpty()) {
                object["salt"] = QString::fromLatin1(entry.salted.left(saltSize).toHex());
                object["detail"] = QString::fromUtf8(entry.salted.mid(saltSize));
            }
            OVVOC_CO_CHECK(line(object));
            next = entry.seq + 1;
        }
        co_await QCoro::sleepFor(std::chrono::milliseconds(0));
    }
    OVVOC_CO_TRY(signatures,
                 m_database->rows(QStringLiteral(
                     "SELECT seq, hash, signature, previous FROM checkpoint ORDER BY seq")));
    for (const Database::Row &row : signatures) {
        QJsonObject object{{"seq", row[0].toLongLong()},
                           {"hash", QString::fromLatin1(row[1].toByteArray().toHex())},
                           {"signature", QString::fromLatin1(row[2].toByteArray().toBase64())}};
        if (row[3].toLongLong() >= 0)
            object["previous"] = row[3].toLongLong();
        OVVOC_CO_CHECK(line(object));
    }
    co_return {};
}

Result<> AuditLog::resealAll(const WorkspaceKeys &before, const WorkspaceKeys &after)
{
    qint64 next = 1;
    for (;;) {
        OVVOC_TRY(list,
                  m_database->rows(QStringLiteral("SELECT seq, client, sealed, detail_sealed FROM "
                                                  "audit WHERE seq >= ? ORDER BY seq LIMIT ?"),
                                   {next, chunk}));
        if (list.isEmpty())
            break;
        for (const Database::Row &row : list) {
            const qint64 seq = row[0].toLongLong();
            next = seq + 1;
            auto text = unseal(before.records(), row[2].toByteArray(), place("entry", seq));
            if (!text)
                continue; // broken already: Verify says so, and it is not hidden by a new seal
            OVVOC_TRY(sealed, seal(after.records(), *text, place("entry", seq)));
            const QString who = QJsonDocument::fromJson(*text).object()["actor"].toString();
            QByteArray detail = row[3].toByteArray();
            auto own = unseal(before.records(), detail, place("detail", seq));
            if (own) {
                OVVOC_TRY(again, seal(after.records(), *own, place("detail", seq)));
                detail = again;
            }
            OVVOC_CHECK(
                m_database->run(QStringLiteral("UPDATE audit SET sealed = ?, detail_sealed = "
                                               "?, actor_hash = ? WHERE seq = ?"),
                                {sealed, detail, keyedHash(after.search(), who.toUtf8()), seq}));
        }
    }
    return {};
}

} // namespace ovvoc
