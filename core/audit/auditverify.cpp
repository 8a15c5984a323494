// Verify: looks at the whole log, and at what is kept beside it.

#include "audit/auditlog.h"
#include "audit/auditlog_p.h"
#include "crypto/sealing.h"
#include "crypto/signing.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QSet>
#include <qcoro/qcorotimer.h>

namespace ovvoc {

using namespace audit;

namespace {

using Kind = AuditVerdict::Problem::Kind;

constexpr int recordChunk = 100;

} // namespace

/// One look at everything.
struct AuditLog::Pass
{
    AuditVerdict verdict;
    Head head;
    QByteArray publicKey;
    QMap<qint64, Database::Row> checkpoints; ///< those whose entry has not come yet
    qint64 lastCheckpoint = 0;
    qint64 expected = 1;
    QByteArray previous = QByteArray(32, '\0');
    bool headSeen = false;
    QHash<QString, QByteArray> covered; ///< name → the newest digest that the log has
    QSet<QString> unreadable,
        erased; ///< clients without a key; those that the log says were erased
    qint64 coverRuns = 0; ///< how often everything was covered anew

    void found(Kind kind, qint64 seq, const QString &text)
    {
        if (verdict.problems.size() < problemLimit)
            verdict.problems << AuditVerdict::Problem{kind, seq, text};
    }
    void cover(const QJsonObject &detail)
    {
        const QJsonObject covers = detail[coversMember].toObject();
        for (auto it = covers.begin(); it != covers.end(); ++it)
            covered.insert(it.key(), QByteArray::fromHex(it.value().toString().toLatin1()));
    }
};

void AuditLog::lookAtEntry(Pass &pass, const Stored &entry)
{
    if (entry.seq != pass.expected)
        pass.found(Kind::Missing, pass.expected,
                   tr("Entries %1 to %2 are missing.").arg(pass.expected).arg(entry.seq - 1));
    const QJsonObject &object = entry.object;
    const bool columnsAgree = object["seq"].toInteger() == entry.seq
        && object["time"].toString() == iso(entry.time)
        && object["client"].toString() == entry.client && object["job"].toString() == entry.job
        && object["action"].toString() == entry.action
        && entry.actorHash == keyedHash(m_keys->search(), object["actor"].toString().toUtf8());
    if (entry.text.isEmpty() || digest(entry.text) != entry.hash || !columnsAgree)
        pass.found(Kind::Changed, entry.seq, tr("Entry %1 was changed.").arg(entry.seq));
    else if (object["previous"].toString() != QString::fromLatin1(pass.previous.toHex()))
        pass.found(Kind::OutOfOrder, entry.seq,
                   tr("Entry %1 does not follow the one before it: one was inserted, removed or "
                      "moved.")
                       .arg(entry.seq));
    if (entry.action == QLatin1String("client.erase")
        && object["result"].toString() == QLatin1String("ok"))
        pass.erased << entry.client;
    if (entry.action == QLatin1String("audit.cover") && entry.client.isEmpty()
        && ++pass.coverRuns > 1 + pass.verdict.accepted)
        pass.found(
            Kind::Record, entry.seq,
            tr("Entry %1 covers everything anew, for which there was no reason: what is kept "
               "may have been changed before it.")
                .arg(entry.seq));
    if (entry.erased) {
        ++pass.verdict.unreadable;
        pass.unreadable << entry.client;
    }
    if (!entry.erased && !entry.text.isEmpty()
        && object["detail"].toString() != QString::fromLatin1(digest(entry.salted).toHex()))
        pass.found(Kind::Changed, entry.seq,
                   tr("The details of entry %1 were changed.").arg(entry.seq));
    if (!entry.salted.isEmpty())
        pass.cover(entry.detail());
    if (entry.action == QLatin1String("audit.accept"))
        ++pass.verdict.accepted;

    const Database::Row checkpoint = pass.checkpoints.take(entry.seq);
    if (!checkpoint.isEmpty()) {
        ++pass.verdict.checkpoints;
        const qint64 before = checkpoint[3].toLongLong();
        if (checkpoint[1].toByteArray() != entry.hash
            || !signatureHolds(pass.publicKey, checkpointText(entry.seq, entry.hash, before),
                               checkpoint[2].toByteArray()))
            pass.found(Kind::Signature, entry.seq,
                       tr("The signature of entry %1 does not hold.").arg(entry.seq));
        else if (before >= 0 && before != pass.lastCheckpoint)
            pass.found(Kind::Signature, before,
                       tr("The signature of entry %1 is missing.").arg(before));
        pass.lastCheckpoint = entry.seq;
    } else if (entry.seq % checkpointEvery == 0) {
        pass.found(Kind::Signature, entry.seq,
                   tr("The signature of entry %1 is missing.").arg(entry.seq));
    }
    if (entry.seq == pass.head.seq) {
        pass.headSeen = true;
        if (entry.hash != pass.head.hash)
            pass.found(Kind::RolledBack, entry.seq,
                       tr("Entry %1 is not the one that the keychain remembers: the log was made "
                          "anew.")
                           .arg(entry.seq));
    }
    pass.previous = entry.hash;
    pass.expected = entry.seq + 1;
    ++pass.verdict.entries;
}

Result<> AuditLog::lookAtEntries(Pass &pass, qint64 first, qint64 last, int limit)
{
    OVVOC_TRY(list,
              m_database->rows(QStringLiteral("SELECT %1 FROM audit WHERE seq BETWEEN ? AND ? "
                                              "ORDER BY seq LIMIT ?")
                                   .arg(QLatin1String(columns)),
                               {first, last, limit}));
    for (const Database::Row &row : list) {
        OVVOC_TRY(entry, stored(row));
        lookAtEntry(pass, entry);
    }
    if (list.isEmpty())
        pass.expected = std::max(pass.expected, last + 1);
    return {};
}

TaskResult<AuditVerdict> AuditLog::verify(AuditedRecords *records,
                                          std::function<void(qint64, qint64)> progress)
{
    Pass pass;
    OVVOC_CO_TRY(publicKey, publicKeyOf(m_keys->auditSeed()));
    pass.publicKey = publicKey;
    // The head first: what is added while this runs can then only be newer than it.
    OVVOC_CO_TRY(head, co_await rememberedHead(m_store, m_workspaceId));
    pass.head = head;
    const QByteArray fingerprint = m_keys->fingerprint();
    OVVOC_CO_TRY(newest, m_database->value(QStringLiteral("SELECT max(seq) FROM audit")));
    const qint64 last = newest.toLongLong();
    OVVOC_CO_TRY(
        signatures,
        m_database->rows(QStringLiteral("SELECT seq, hash, signature, previous FROM checkpoint")));
    for (const Database::Row &row : signatures)
        pass.checkpoints.insert(row[0].toLongLong(), row);

    while (pass.expected <= last) {
        const qint64 first = pass.expected;
        OVVOC_CO_CHECK(lookAtEntries(pass, first, last, chunk));
        if (pass.expected == last + 1 && pass.verdict.entries == 0)
            break;
        if (progress)
            progress(pass.verdict.entries, last);
        co_await QCoro::sleepFor(std::chrono::milliseconds(0));
        OVVOC_CO_TRY(
            now, m_database->value(QStringLiteral("SELECT value FROM meta WHERE name = 'key'")));
        if (m_keys->fingerprint() != fingerprint || now.toByteArray() != fingerprint)
            co_return fail(ErrorCode::Conflict,
                           tr("The workspace's key was changed while the log was looked at. Run "
                              "this again."));
    }
    for (auto it = pass.checkpoints.begin(); it != pass.checkpoints.end(); ++it)
        pass.found(
            Kind::CutOff, it.key(),
            tr("There is a signature of entry %1, which is not there any more.").arg(it.key()));
    if (pass.head.checkpoint > pass.lastCheckpoint)
        pass.found(Kind::Signature, pass.head.checkpoint,
                   tr("The signature of entry %1 is missing.").arg(pass.head.checkpoint));
    if (pass.head.seq > 0 && !pass.headSeen)
        pass.found(Kind::RolledBack, pass.head.seq,
                   tr("The keychain remembers entry %1, but the log ends at %2: its end was cut "
                      "off, or an older copy was put in its place.")
                       .arg(pass.head.seq)
                       .arg(last));
    if (pass.head.seq < 0 && pass.verdict.entries > 0)
        pass.found(
            Kind::NoHead, 0,
            tr("The keychain remembers nothing of this log, so a cut-off end could not be found."));
    for (const QString &client : std::as_const(pass.unreadable)) {
        if (!pass.erased.contains(client))
            pass.found(Kind::Record, 0,
                       tr("client/%1 is missing with all that was kept of it, although the log "
                          "does not say that it was erased.")
                           .arg(client));
    }
    if (records)
        OVVOC_CO_CHECK(co_await lookAtRecords(pass, records));
    const AuditVerdict result = pass.verdict;
    co_return result;
}

Result<> AuditLog::compareRecord(Pass &pass, AuditedRecords *records, const QString &name)
{
    if (name.startsWith(QLatin1String("client/")) && pass.erased.contains(name.section('/', 1))) {
        pass.found(Kind::Record, 0,
                   tr("%1 is there, although the log says that it was erased.").arg(name));
        return {};
    }
    const QByteArray wanted = pass.covered.value(name);
    const auto digest = records->digestOf(name);
    if (!digest && digest.error().code != ErrorCode::Damaged
        && digest.error().code != ErrorCode::InvalidInput)
        return fail(digest.error());
    if (wanted.isEmpty() && digest && digest->isEmpty())
        return {};
    ++pass.verdict.records;
    if (!digest)
        pass.found(Kind::Record, 0, tr("%1 cannot be read: it was changed.").arg(name));
    else if (digest->isEmpty())
        pass.found(Kind::Record, 0,
                   tr("%1 is missing, although the log says that it is there.").arg(name));
    else if (!pass.covered.contains(name))
        pass.found(Kind::Record, 0, tr("%1 is there, but the log knows nothing of it.").arg(name));
    else if (wanted.isEmpty())
        pass.found(Kind::Record, 0,
                   tr("%1 is there, although the log says that it is gone.").arg(name));
    else if (*digest != wanted)
        pass.found(Kind::Record, 0,
                   tr("%1 is not what the log says: it was changed, or an older state was put in "
                      "its place.")
                       .arg(name));
    return {};
}

TaskResult<> AuditLog::lookAtRecords(Pass &pass, AuditedRecords *records)
{
    // In pieces, each together with what the log says at that moment: jobs may go on meanwhile.
    qint64 coveredTo = pass.expected - 1;
    const auto inOrder = [&](const std::function<Result<>()> &body) {
        const auto look = [&]() -> Result<> {
            OVVOC_TRY(fresh,
                      m_database->rows(QStringLiteral("SELECT %1 FROM audit WHERE seq > ? "
                                                      "ORDER BY seq")
                                           .arg(QLatin1String(columns)),
                                       {coveredTo}));
            for (const Database::Row &row : fresh) {
                OVVOC_TRY(entry, stored(row));
                coveredTo = entry.seq;
                if (!entry.salted.isEmpty())
                    pass.cover(entry.detail());
            }
            return body();
        };
        return m_frozen ? look() : m_database->transaction(look);
    };
    QString after;
    for (bool more = true; more;) {
        OVVOC_CO_CHECK(inOrder([&]() -> Result<> {
            OVVOC_TRY(names, records->names(after, recordChunk));
            more = names.size() >= recordChunk;
            for (const QString &name : names) {
                after = name;
                OVVOC_CHECK(compareRecord(pass, records, name));
            }
            return {};
        }));
        co_await QCoro::sleepFor(std::chrono::milliseconds(0));
    }
    // What the log knows and nobody named.
    const QStringList known = pass.covered.keys();
    for (qsizetype i = 0; i < known.size(); i += recordChunk) {
        OVVOC_CO_CHECK(inOrder([&]() -> Result<> {
            for (const QString &name : known.mid(i, recordChunk)) {
                const auto digest = records->digestOf(name);
                if (digest && digest->isEmpty())
                    OVVOC_CHECK(compareRecord(pass, records, name));
            }
            return {};
        }));
        co_await QCoro::sleepFor(std::chrono::milliseconds(0));
    }
    co_return {};
}

Result<bool> AuditLog::knows(const QString &action) const
{
    OVVOC_TRY(found,
              m_database->value(QStringLiteral("SELECT 1 FROM audit WHERE action = ? LIMIT 1"),
                                {action}));
    return found.isValid();
}

Result<> AuditLog::cover(AuditedRecords *records)
{
    // At least one, so that it is known to have been done. Each with its client's key, so that what
    // it says is gone with the client.
    OVVOC_CHECK(add({"audit.cover", {}, {}, "ok", {}}));
    QString after;
    for (;;) {
        OVVOC_TRY(names, records->names(after, chunk));
        if (names.isEmpty())
            return {};
        QMap<QString, AuditEvent> events;
        for (const QString &name : names) {
            const QString client = name.section('/', 1, 1);
            const auto digest = records->digestOf(name);
            AuditEvent &event = events[client];
            event.action = QStringLiteral("audit.cover");
            event.clientId = client;
            event.covers.insert(name, digest ? *digest : QByteArray());
        }
        after = names.last();
        for (const AuditEvent &event : std::as_const(events))
            OVVOC_CHECK(add(event));
    }
}

TaskResult<> AuditLog::accept(AuditVerdict verdict, AuditedRecords *records)
{
    OVVOC_CO_TRY(head, co_await rememberedHead(m_store, m_workspaceId));
    OVVOC_CO_TRY(last, m_database->value(QStringLiteral("SELECT max(seq) FROM audit")));
    QJsonArray problems;
    for (const AuditVerdict::Problem &problem : verdict.problems)
        problems << problem.text;
    m_seenSeq = 0;
    OVVOC_CO_CHECK(m_database->transaction([&]() -> Result<> {
        OVVOC_CHECK(add(
            {"audit.accept",
             {},
             {},
             "ok",
             {{"remembered", head.seq}, {"found", last.toLongLong()}, {"problems", problems}}}));
        return cover(records);
    }));
    // The one moment at which the keychain's memory is replaced by what is there.
    OVVOC_CO_CHECK(co_await m_store->remove(WorkspaceKeys::headEntry(m_workspaceId)));
    co_return co_await settle();
}

} // namespace ovvoc
