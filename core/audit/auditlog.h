#pragma once

#include "store/database.h"
#include "store/workspacekeys.h"

#include <QDateTime>
#include <QJsonObject>
#include <QObject>
#include <QTimer>

class QIODevice;

namespace ovvoc {

/// Something that happened and that somebody may have to account for.
struct AuditEvent
{
    QString action; ///< a word of a fixed vocabulary: "client.add", "token.mint", "job.phase"
    QString clientId; ///< empty: of no client
    QString job;
    QString result = QStringLiteral("ok"); ///< or an error's code
    QJsonObject detail; ///< names and values; sealed with the client's key, gone when it is erased
};

/// One entry of the log as it is shown.
struct AuditEntry
{
    qint64 seq = 0;
    QDateTime time;
    QString actor;
    QString action;
    QString clientId;
    QString job;
    QString result;
    QJsonObject detail;
    bool readable = true; ///< false: the client was erased, its details with it
    bool operator==(const AuditEntry &) const = default;
};

struct AuditFilter
{
    QString clientId;
    QString job;
    QString action; ///< exact, or a beginning that ends in "." ("token.")
    QString actor;
    QDateTime from, to;
    qint64 before = 0; ///< only entries with a smaller number: the next page; 0: the newest
    int limit = 200;
};

/// What Verify found.
struct AuditVerdict
{
    struct Problem
    {
        enum class Kind { Changed, Missing, OutOfOrder, CutOff, RolledBack, Signature, NoHead };
        Kind kind;
        qint64 seq = 0;
        QString text; ///< one sentence
    };
    qint64 entries = 0;
    qint64 checkpoints = 0;
    qint64 unreadable = 0; ///< entries whose details are gone with their client
    QList<Problem> problems; ///< at most 50
    bool holds() const { return problems.isEmpty(); }
};

/// The append-only log of everything that person and program did. Each entry's SHA-256 covers the
/// one before; every hundredth is signed (Ed25519); the newest entry's number and hash are also
/// kept in the keychain. So an edit, a deletion, an insertion, a swap, a cut-off end, an older copy
/// of the whole file and a chain made anew from the middle are found. docs/audit-format.md
/// describes the encoding. Lives on the core thread.
class AuditLog : public QObject
{
    Q_OBJECT
public:
    /// The data key of a client; null when it was erased.
    using ClientKey = std::function<const SecretBytes *(const QString &clientId)>;

    AuditLog(Database *database, std::shared_ptr<const WorkspaceKeys> keys,
             std::shared_ptr<SecretStore> store, QString workspaceId, ClientKey clientKey);

    /// Adds an entry, in the transaction that is under way if there is one, so that what is done
    /// and its entry stand or fall together.
    Result<> add(const AuditEvent &event);
    /// Newest first.
    Result<QList<AuditEntry>> entries(const AuditFilter &filter) const;
    /// Signs the newest entry and writes the head to the keychain now: when a workspace is made, at
    /// the program's end, and before an export. Otherwise the head follows within a second.
    TaskResult<> settle();

    /// Looks at everything. \a progress gets done and total.
    TaskResult<AuditVerdict> verify(std::function<void(qint64, qint64)> progress = {});
    /// JSON Lines: the public key, every entry's canonical text, the details of those that \a
    /// filter lets through (its limit aside), the signatures.
    TaskResult<> exportTo(QIODevice *device, AuditFilter filter);

    /// Seals everything anew under other keys (key rotation). Within a transaction of the caller.
    Result<> resealAll(const WorkspaceKeys &before, std::shared_ptr<const WorkspaceKeys> after);
    /// Who acts: the OS user, with a GitHub login where one is known.
    void setLogin(const QString &login) { m_login = login; }

    static constexpr int checkpointEvery = 100;

signals:
    void added();

private:
    struct Stored;
    Result<Stored> stored(const Database::Row &row) const;
    Result<> signEntry(qint64 seq, const QByteArray &hash);
    QByteArray checkpointText(qint64 seq, const QByteArray &hash) const;
    TaskResult<> writeHead();
    QString actor() const;

    Database *m_database;
    std::shared_ptr<const WorkspaceKeys> m_keys;
    std::shared_ptr<SecretStore> m_store;
    QString m_workspaceId;
    ClientKey m_clientKey;
    QString m_login;
    QTimer m_headTimer;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace ovvoc
