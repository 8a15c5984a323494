#include "audit/auditlog.h"

#include "base/logging.h"
#include "crypto/sealing.h"
#include "crypto/signing.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QIODevice>
#include <QJsonArray>
#include <QJsonDocument>
#include <QPointer>
#include <pwd.h>
#include <qcoro/qcorotimer.h>
#include <unistd.h>

namespace ovvoc {

namespace {

constexpr int saltSize = 16;
constexpr int verifyChunk = 500;
constexpr qsizetype problemLimit = 50;
const char *const columns = "seq, time, client, job, action, hash, sealed, detail_sealed";

QByteArray place(const char *column, qint64 seq)
{
    return QByteArray("audit/") + column + '/' + QByteArray::number(seq);
}

QByteArray digest(QByteArrayView bytes)
{
    return QCryptographicHash::hash(bytes.toByteArray(), QCryptographicHash::Sha256);
}

/// JSON with sorted members and no blanks: RFC 8785 for what stands in it (strings and integers).
QByteArray canonical(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

QString iso(qint64 milliseconds)
{
    return QDateTime::fromMSecsSinceEpoch(milliseconds, Qt::UTC).toString(Qt::ISODateWithMs);
}

} // namespace

/// A row with its seals taken off.
struct AuditLog::Stored
{
    qint64 seq = 0;
    qint64 time = 0;
    QString client, job, action;
    QByteArray hash;
    QByteArray text; ///< canonical; empty when its seal is broken
    QJsonObject object;
    QByteArray salted; ///< salt and detail; empty when it cannot be read
    bool erased = false;
};

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
        writeHead().then([](const Result<> &done) {
            if (!done)
                log().warn("audit: the head is not in the keychain: {}",
                           done.error().message.toStdString());
        });
    });
}

QString AuditLog::actor() const
{
    const passwd *user = ::getpwuid(::getuid());
    const QString name = user ? QString::fromLocal8Bit(user->pw_name) : QString::number(::getuid());
    return m_login.isEmpty() ? name : name + " (" + m_login + ')';
}

QByteArray AuditLog::checkpointText(qint64 seq, const QByteArray &hash) const
{
    return "ovvoc audit 1\n" + m_workspaceId.toLatin1() + '\n' + QByteArray::number(seq) + '\n'
        + hash.toHex() + '\n';
}

Result<> AuditLog::signEntry(qint64 seq, const QByteArray &hash)
{
    OVVOC_TRY(signature, sign(m_keys->auditSeed(), checkpointText(seq, hash)));
    OVVOC_CHECK(m_database->run(
        QStringLiteral("INSERT OR IGNORE INTO checkpoint (seq, hash, signature) VALUES (?, ?, ?)"),
        {seq, hash, signature}));
    return {};
}

Result<> AuditLog::add(const AuditEvent &event)
{
    auto done = m_database->transaction([&]() -> Result<> {
        OVVOC_TRY(last,
                  m_database->rows(
                      QStringLiteral("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")));
        const qint64 seq = last.isEmpty() ? 1 : last[0][0].toLongLong() + 1;
        const QByteArray previous =
            last.isEmpty() ? QByteArray(32, '\0') : last[0][1].toByteArray();
        const qint64 time = QDateTime::currentMSecsSinceEpoch();
        const QByteArray salted = randomBytes(saltSize) + canonical(event.detail);
        const QString who = actor();
        const QJsonObject object{
            {"action", event.action},   {"actor", who},
            {"client", event.clientId}, {"detail", QString::fromLatin1(digest(salted).toHex())},
            {"job", event.job},         {"previous", QString::fromLatin1(previous.toHex())},
            {"result", event.result},   {"seq", seq},
            {"time", iso(time)}};
        const QByteArray text = canonical(object);
        const QByteArray hash = digest(text);
        const SecretBytes *clientKey =
            event.clientId.isEmpty() ? nullptr : m_clientKey(event.clientId);
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
    });
    if (!done)
        return done;
    if (!m_headTimer.isActive())
        m_headTimer.start();
    emit added();
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
        entry.detail = QJsonDocument::fromJson(one.salted.mid(saltSize)).object();
        result << entry;
    }
    return result;
}

TaskResult<> AuditLog::writeHead()
{
    OVVOC_CO_TRY(
        last,
        m_database->rows(QStringLiteral("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")));
    if (last.isEmpty()) {
        QByteArray none = "0:";
        const auto empty = std::make_shared<const SecretBytes>(SecretBytes::takeFrom(none));
        co_return co_await m_store->write(WorkspaceKeys::headEntry(m_workspaceId), empty);
    }
    QByteArray head =
        QByteArray::number(last[0][0].toLongLong()) + ':' + last[0][1].toByteArray().toHex();
    const auto secret = std::make_shared<const SecretBytes>(SecretBytes::takeFrom(head));
    co_return co_await m_store->write(WorkspaceKeys::headEntry(m_workspaceId), secret);
}

TaskResult<> AuditLog::settle()
{
    m_headTimer.stop();
    OVVOC_CO_CHECK(m_database->transaction([this]() -> Result<> {
        OVVOC_TRY(last,
                  m_database->rows(
                      QStringLiteral("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")));
        if (last.isEmpty())
            return {};
        return signEntry(last[0][0].toLongLong(), last[0][1].toByteArray());
    }));
    co_return co_await writeHead();
}

TaskResult<AuditVerdict> AuditLog::verify(std::function<void(qint64, qint64)> progress)
{
    using Kind = AuditVerdict::Problem::Kind;
    AuditVerdict verdict;
    const auto found = [&verdict](Kind kind, qint64 seq, const QString &text) {
        if (verdict.problems.size() < problemLimit)
            verdict.problems << AuditVerdict::Problem{kind, seq, text};
    };
    OVVOC_CO_TRY(publicKey, publicKeyOf(m_keys->auditSeed()));
    OVVOC_CO_TRY(total, m_database->value(QStringLiteral("SELECT count(*) FROM audit")));
    QByteArray head;
    auto kept = co_await m_store->read(WorkspaceKeys::headEntry(m_workspaceId));
    if (kept)
        head = QByteArray((*kept)->bytes().data(), qsizetype((*kept)->size()));
    else if (kept.error().code != ErrorCode::NotFound)
        co_return fail(kept.error());
    const qint64 headSeq = head.left(head.indexOf(':')).toLongLong();
    const QByteArray headHash = QByteArray::fromHex(head.mid(head.indexOf(':') + 1));

    QHash<qint64, Database::Row> checkpoints;
    OVVOC_CO_TRY(signatures,
                 m_database->rows(QStringLiteral("SELECT seq, hash, signature FROM checkpoint")));
    for (const Database::Row &row : signatures)
        checkpoints.insert(row[0].toLongLong(), row);

    qint64 expected = 1;
    QByteArray previous(32, '\0');
    bool headSeen = false;
    for (;;) {
        OVVOC_CO_TRY(list,
                     m_database->rows(QStringLiteral("SELECT %1 FROM audit WHERE seq >= ? "
                                                     "ORDER BY seq LIMIT ?")
                                          .arg(QLatin1String(columns)),
                                      {expected, verifyChunk}));
        if (list.isEmpty())
            break;
        for (const Database::Row &row : list) {
            OVVOC_CO_TRY(entry, stored(row));
            if (entry.seq != expected)
                found(Kind::Missing, expected,
                      tr("Entries %1 to %2 are missing.").arg(expected).arg(entry.seq - 1));
            const QJsonObject &object = entry.object;
            const bool columnsAgree = object["seq"].toInteger() == entry.seq
                && object["time"].toString() == iso(entry.time)
                && object["client"].toString() == entry.client
                && object["job"].toString() == entry.job
                && object["action"].toString() == entry.action;
            if (entry.text.isEmpty())
                found(Kind::Changed, entry.seq, tr("Entry %1 was changed.").arg(entry.seq));
            else if (digest(entry.text) != entry.hash || !columnsAgree)
                found(Kind::Changed, entry.seq, tr("Entry %1 was changed.").arg(entry.seq));
            else if (object["previous"].toString() != QString::fromLatin1(previous.toHex()))
                found(Kind::OutOfOrder, entry.seq,
                      tr("Entry %1 does not follow the one before it: one was inserted, removed or "
                         "moved.")
                          .arg(entry.seq));
            if (entry.erased)
                ++verdict.unreadable;
            else if (!entry.text.isEmpty()
                     && object["detail"].toString()
                         != QString::fromLatin1(digest(entry.salted).toHex()))
                found(Kind::Changed, entry.seq,
                      tr("The details of entry %1 were changed.").arg(entry.seq));
            const Database::Row checkpoint = checkpoints.take(entry.seq);
            if (!checkpoint.isEmpty()) {
                ++verdict.checkpoints;
                if (checkpoint[1].toByteArray() != entry.hash
                    || !signatureHolds(publicKey, checkpointText(entry.seq, entry.hash),
                                       checkpoint[2].toByteArray()))
                    found(Kind::Signature, entry.seq,
                          tr("The signature of entry %1 does not hold.").arg(entry.seq));
            } else if (entry.seq % checkpointEvery == 0) {
                found(Kind::Signature, entry.seq,
                      tr("The signature of entry %1 is missing.").arg(entry.seq));
            }
            if (entry.seq == headSeq) {
                headSeen = true;
                if (entry.hash != headHash)
                    found(
                        Kind::RolledBack, entry.seq,
                        tr("Entry %1 is not the one that the keychain remembers: the log was made "
                           "anew.")
                            .arg(entry.seq));
            }
            previous = entry.hash;
            expected = entry.seq + 1;
            ++verdict.entries;
        }
        if (progress)
            progress(verdict.entries, total.toLongLong());
        co_await QCoro::sleepFor(std::chrono::milliseconds(0));
    }
    for (auto it = checkpoints.begin(); it != checkpoints.end(); ++it)
        found(Kind::CutOff, it.key(),
              tr("There is a signature of entry %1, which is not there any more.").arg(it.key()));
    if (headSeq > 0 && !headSeen)
        found(Kind::RolledBack, headSeq,
              tr("The keychain remembers entry %1, but the log ends at %2: its end was cut off, or "
                 "an "
                 "older copy was put in its place.")
                  .arg(headSeq)
                  .arg(expected - 1));
    if (head.isEmpty() && verdict.entries > 0)
        found(
            Kind::NoHead, 0,
            tr("The keychain remembers nothing of this log, so a cut-off end could not be found."));
    const AuditVerdict result = verdict;
    co_return result;
}

TaskResult<> AuditLog::exportTo(QIODevice *device, AuditFilter filter)
{
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
                                      {next, verifyChunk}));
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
                 m_database->rows(
                     QStringLiteral("SELECT seq, hash, signature FROM checkpoint ORDER BY seq")));
    for (const Database::Row &row : signatures)
        OVVOC_CO_CHECK(line({{"seq", row[0].toLongLong()},
                             {"hash", QString::fromLatin1(row[1].toByteArray().toHex())},
                             {"signature", QString::fromLatin1(row[2].toByteArray().toBase64())}}));
    co_return {};
}

Result<> AuditLog::resealAll(const WorkspaceKeys &before,
                             std::shared_ptr<const WorkspaceKeys> after)
{
    qint64 next = 1;
    for (;;) {
        OVVOC_TRY(list,
                  m_database->rows(QStringLiteral("SELECT seq, client, sealed, detail_sealed FROM "
                                                  "audit WHERE seq >= ? ORDER BY seq LIMIT ?"),
                                   {next, verifyChunk}));
        if (list.isEmpty())
            break;
        for (const Database::Row &row : list) {
            const qint64 seq = row[0].toLongLong();
            next = seq + 1;
            auto text = unseal(before.records(), row[2].toByteArray(), place("entry", seq));
            if (!text)
                continue; // broken already: Verify says so, and it is not hidden by a new seal
            OVVOC_TRY(sealed, seal(after->records(), *text, place("entry", seq)));
            const QString who = QJsonDocument::fromJson(*text).object()["actor"].toString();
            QByteArray detail = row[3].toByteArray();
            auto own = unseal(before.records(), detail, place("detail", seq));
            if (own) {
                OVVOC_TRY(again, seal(after->records(), *own, place("detail", seq)));
                detail = again;
            }
            OVVOC_CHECK(
                m_database->run(QStringLiteral("UPDATE audit SET sealed = ?, detail_sealed = "
                                               "?, actor_hash = ? WHERE seq = ?"),
                                {sealed, detail, keyedHash(after->search(), who.toUtf8()), seq}));
        }
    }
    m_keys = std::move(after);
    return {};
}

} // namespace ovvoc
