// What the keychain remembers of the log, and how it is compared.

#include "audit/auditlog.h"
#include "audit/auditlog_p.h"

#include <QCoreApplication>
#include <QLockFile>
#include <qcoro/qcorotimer.h>

namespace ovvoc {

using namespace audit;

TaskResult<AuditLog::Head> AuditLog::rememberedHead(std::shared_ptr<SecretStore> store,
                                                    QString workspaceId)
{
    auto kept = co_await store->read(WorkspaceKeys::headEntry(workspaceId));
    Head head;
    if (!kept && kept.error().code == ErrorCode::NotFound)
        co_return head;
    if (!kept)
        co_return fail(kept.error());
    const QByteArray text((*kept)->bytes().data(), qsizetype((*kept)->size()));
    const QList<QByteArray> parts = text.split(':');
    bool number = false;
    head.seq = parts[0].toLongLong(&number);
    head.hash = QByteArray::fromHex(parts.value(1));
    head.checkpoint = parts.value(2).toLongLong();
    head.covers = parts.size() > 2;
    if (!number || head.seq < 0 || (head.seq > 0 && head.hash.size() != 32))
        co_return fail(ErrorCode::Damaged,
                       tr("The keychain's entry \"%1\" is not what Ovvoc Desktop wrote there. Put "
                          "it back from a backup of the keychain.")
                           .arg(WorkspaceKeys::headEntry(workspaceId)));
    co_return Head(head);
}

Result<> AuditLog::compareWithHead(const Head &head) const
{
    const QString wayOut =
        tr("Nothing was changed. Put the right file back from a backup, or see what is missing "
           "with `ovvoc audit verify`, and go on without it with `ovvoc audit accept`.");
    if (head.seq < 0)
        return fail(ErrorCode::Damaged,
                    tr("The audit log was tampered with or damaged: the keychain remembers nothing "
                       "of it.")
                        + ' ' + wayOut);
    if (head.seq == 0)
        return {};
    OVVOC_TRY(
        hash,
        m_database->value(QStringLiteral("SELECT hash FROM audit WHERE seq = ?"), {head.seq}));
    if (hash.isValid() && hash.toByteArray() == head.hash)
        return {};
    return fail(ErrorCode::Damaged,
                (hash.isValid()
                     ? tr("The audit log was tampered with or damaged: its entry %1 is not the one "
                          "that was written.")
                     : tr("The audit log was tampered with or damaged: it has no entry %1 any "
                          "more; its end was cut off, or an older copy was put in its place."))
                        .arg(head.seq)
                    + ' ' + wayOut);
}

TaskResult<> AuditLog::checkHead()
{
    OVVOC_CO_TRY(head, co_await rememberedHead(m_store, m_workspaceId));
    OVVOC_CO_CHECK(compareWithHead(head));
    // What stands behind the remembered entry is at least a chain that begins there.
    OVVOC_CO_TRY(rest,
                 m_database->rows(QStringLiteral("SELECT %1 FROM audit WHERE seq > ? ORDER BY seq")
                                      .arg(QLatin1String(columns)),
                                  {head.seq}));
    m_seenSeq = head.seq;
    m_seenHash = head.seq > 0 ? head.hash : QByteArray(32, '\0');
    for (const Database::Row &row : rest) {
        OVVOC_CO_TRY(entry, stored(row));
        if (entry.seq != m_seenSeq + 1 || entry.text.isEmpty() || digest(entry.text) != entry.hash
            || entry.object["previous"].toString() != QString::fromLatin1(m_seenHash.toHex()))
            co_return fail(ErrorCode::Damaged,
                           tr("The audit log was tampered with or damaged: entry %1 does not "
                              "follow the one before it. Nothing was changed. See `ovvoc audit "
                              "verify`.")
                               .arg(entry.seq));
        m_seenSeq = entry.seq;
        m_seenHash = entry.hash;
    }
    co_return {};
}

TaskResult<> AuditLog::writeHead()
{
    // Of several programs one writes at a time, so that no head replaces a newer one.
    QLockFile lock(m_database->path() + QStringLiteral(".head"));
    for (int attempt = 0; !lock.tryLock(0); ++attempt) {
        if (lock.error() == QLockFile::PermissionError)
            co_return fail(ErrorCode::ReadOnly,
                           tr("%1 may not be written. Check the permissions of its folder.")
                               .arg(m_database->path() + QStringLiteral(".head")));
        if (attempt > 500)
            co_return fail(ErrorCode::Conflict,
                           tr("Another program holds %1. Close it and try again.")
                               .arg(m_database->path() + QStringLiteral(".head")));
        co_await QCoro::sleepFor(std::chrono::milliseconds(10));
    }
    OVVOC_CO_TRY(kept, co_await rememberedHead(m_store, m_workspaceId));
    OVVOC_CO_TRY(
        last,
        m_database->rows(QStringLiteral("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")));
    OVVOC_CO_TRY(checkpoint, m_database->value(QStringLiteral("SELECT max(seq) FROM checkpoint")));
    const qint64 seq = last.isEmpty() ? 0 : last[0][0].toLongLong();
    // A head that vanished from the keychain while the log was open is written again; at the next
    // start it would have been missed.
    if (kept.seq > 0)
        OVVOC_CO_CHECK(compareWithHead(kept));
    if (m_seenSeq > 0)
        OVVOC_CO_CHECK(compareWithHead({m_seenSeq, m_seenHash, 0}));
    if (kept.seq == seq && kept.checkpoint == checkpoint.toLongLong())
        co_return {};
    QByteArray head = QByteArray::number(seq) + ':'
        + (last.isEmpty() ? QByteArray() : last[0][1].toByteArray().toHex()) + ':'
        + QByteArray::number(checkpoint.toLongLong());
    const auto secret = std::make_shared<const SecretBytes>(SecretBytes::takeFrom(head));
    OVVOC_CO_CHECK(co_await m_store->write(WorkspaceKeys::headEntry(m_workspaceId), secret));
    if (!last.isEmpty() && seq > m_seenSeq) {
        m_seenSeq = seq;
        m_seenHash = last[0][1].toByteArray();
    }
    co_return {};
}

TaskResult<> AuditLog::settle()
{
    m_headTimer.stop();
    if (m_frozen)
        co_return fail(*m_frozen);
    OVVOC_CO_CHECK(m_database->transaction([this]() -> Result<> {
        OVVOC_TRY(last,
                  m_database->rows(
                      QStringLiteral("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")));
        if (last.isEmpty())
            return {};
        if (m_seenSeq > 0)
            OVVOC_CHECK(compareWithHead({m_seenSeq, m_seenHash, 0}));
        return signEntry(last[0][0].toLongLong(), last[0][1].toByteArray());
    }));
    co_return co_await writeHead();
}

} // namespace ovvoc
