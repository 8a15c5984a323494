#pragma once

#include "store/database.h"
#include "store/workspacekeys.h"

#include <QDateTime>
#include <QJsonObject>
#include <QMap>
#include <QObject>
#include <QTimer>
#include <optional>

class QIODevice;

namespace ovvoc {

/// Something that happened and that somebody may have to account for.
struct AuditEvent
{
    QString action; ///< a word of a fixed vocabulary: "client.add", "token.mint", "job.phase"
    QString clientId; ///< empty: of no client
    QString job;
    QString result = QStringLiteral("ok"); ///< or an error's code; "begun" before an act
    QJsonObject detail; ///< names and values; sealed with the client's key, gone when it is erased
    /// What is kept beside the log and was changed: its name ("client/ID", "job/ID") and the
    /// SHA-256 of its new state; empty: it is gone. Verify compares it with what is there.
    QMap<QString, QByteArray> covers = {};
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
        enum class Kind {
            Changed,
            Missing,
            OutOfOrder,
            CutOff,
            RolledBack,
            Signature,
            NoHead,
            Record ///< what is kept beside the log is not what the log says
        };
        Kind kind;
        qint64 seq = 0;
        QString text; ///< one sentence
    };
    qint64 entries = 0;
    qint64 checkpoints = 0;
    qint64 unreadable = 0; ///< entries whose details are gone with their client
    qint64 records = 0; ///< clients, repositories, settings and jobs compared with the log
    qint64 accepted = 0; ///< entries with which a person accepted a damaged log (`audit accept`)
    QList<Problem> problems; ///< at most 50
    bool holds() const { return problems.isEmpty(); }
};

/// Says what is kept beside the log: for Verify.
class AuditedRecords
{
public:
    virtual ~AuditedRecords() = default;
    /// The names of everything whose changes the log covers, each once, in the order of the names:
    /// those that come after \a after, at most \a limit. The part behind the first '/' is a
    /// client's id, where it belongs to one.
    virtual Result<QStringList> names(const QString &after, int limit) = 0;
    /// The SHA-256 of what is kept under a name; empty when there is nothing. Damaged when it
    /// cannot be read.
    virtual Result<QByteArray> digestOf(const QString &name) = 0;
};

/// The append-only log of everything that person and program did. Each entry's SHA-256 covers the
/// one before; some are signed (Ed25519), each signature naming the one before it; the newest
/// entry's number and hash are also kept in the keychain. So an edit, a deletion, an insertion, a
/// swap, a cut-off end, an older copy of the whole file and a chain made anew from the middle are
/// found. docs/audit-format.md describes the encoding. Lives on the core thread.
class AuditLog : public QObject
{
    Q_OBJECT
public:
    /// The data key of a client; null when it was erased.
    using ClientKey = std::function<const SecretBytes *(const QString &clientId)>;

    AuditLog(Database *database, std::shared_ptr<const WorkspaceKeys> keys,
             std::shared_ptr<SecretStore> store, QString workspaceId, ClientKey clientKey);

    /// What the keychain remembers of a workspace's log.
    struct Head
    {
        qint64 seq = -1; ///< -1: the keychain remembers nothing
        QByteArray hash;
        qint64 checkpoint = 0; ///< the newest signature's entry
        bool covers = false; ///< written by a version whose log covers what is kept
    };
    static TaskResult<Head> rememberedHead(std::shared_ptr<SecretStore> store, QString workspaceId);

    /// Compares the log with what the keychain remembers; to be called before anything is added.
    /// Damaged, with what is wrong and the way out, when the log does not contain it.
    TaskResult<> checkHead();

    /// Adds an entry, in the transaction that is under way if there is one, so that what is done
    /// and its entry stand or fall together. Damaged when the end that was seen last is not there
    /// any more.
    Result<> add(const AuditEvent &event);
    /// Newest first.
    Result<QList<AuditEntry>> entries(const AuditFilter &filter) const;
    /// Signs the newest entry and writes the head to the keychain now: when a workspace is made, at
    /// the program's end, and before an export. Otherwise the head follows within a second. The
    /// head is only ever moved forward, and only while the log contains the one before.
    TaskResult<> settle();

    /// Looks at everything that was there when it was called. \a progress gets done and total.
    /// \a records may be null: then only the log itself is looked at.
    TaskResult<AuditVerdict> verify(AuditedRecords *records = nullptr,
                                    std::function<void(qint64, qint64)> progress = {});
    /// Goes on with a log that does not hold: a person says so. An entry that stays tells of it,
    /// and the keychain remembers the log as it is now. \a verdict: what Verify found. What is kept
    /// beside the log counts from now on as \a records has it.
    TaskResult<> accept(AuditVerdict verdict, AuditedRecords *records);
    /// Notes the present state of everything that is kept beside the log, within a transaction of
    /// the caller: for a workspace that was made before the log covered it.
    Result<> cover(AuditedRecords *records);
    /// Whether an entry with this action was ever added.
    Result<bool> knows(const QString &action) const;

    /// JSON Lines: the public key, every entry's canonical text, the details of those that \a
    /// filter lets through (its limit aside), the signatures. \a settled: whether the end is to be
    /// signed first; not for a log that may not be written.
    TaskResult<> exportTo(QIODevice *device, AuditFilter filter, bool settled = true);

    /// Seals everything anew under other keys (key rotation). Within a transaction of the caller,
    /// who calls useKeys() once it is committed.
    Result<> resealAll(const WorkspaceKeys &before, const WorkspaceKeys &after);
    void useKeys(std::shared_ptr<const WorkspaceKeys> keys) { m_keys = std::move(keys); }
    /// A log that does not hold: what would add to it is refused with \a why. Null: goes on.
    void freeze(std::optional<Error> why) { m_frozen = std::move(why); }
    /// Who acts: the OS user, with a GitHub login where one is known.
    void setLogin(const QString &login) { m_login = login; }

    static constexpr int checkpointEvery = 100;

signals:
    void added();
    /// The head could not be written. Damaged: somebody changed the log while it was open.
    void failed(const ovvoc::Error &error);

private:
    struct Stored;
    struct Pass;
    Result<Stored> stored(const Database::Row &row) const;
    Result<> signEntry(qint64 seq, const QByteArray &hash);
    QByteArray checkpointText(qint64 seq, const QByteArray &hash, qint64 previous) const;
    TaskResult<> writeHead();
    Result<> compareWithHead(const Head &head) const;
    Result<> addIn(const AuditEvent &event);
    QString actor() const;
    Result<> lookAtEntries(Pass &pass, qint64 first, qint64 last, int limit);
    void lookAtEntry(Pass &pass, const Stored &entry);
    TaskResult<> lookAtRecords(Pass &pass, AuditedRecords *records);
    Result<> compareRecord(Pass &pass, AuditedRecords *records, const QString &name);

    Database *m_database;
    std::shared_ptr<const WorkspaceKeys> m_keys;
    std::shared_ptr<SecretStore> m_store;
    QString m_workspaceId;
    ClientKey m_clientKey;
    QString m_login;
    qint64 m_seenSeq = 0; ///< the newest entry that this object has added or found in order
    QByteArray m_seenHash;
    std::optional<Error> m_frozen;
    QTimer m_headTimer;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace ovvoc
