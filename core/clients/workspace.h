#pragma once

#include "audit/auditlog.h"
#include "clients/client.h"
#include "store/database.h"
#include "store/workspacekeys.h"

#include <map>
#include <memory>

namespace ovvoc {

/// The folder in which this installation keeps what it knows. Private to its user (mode 0700).
struct WorkspaceFolder
{
    QString path; ///< OVVOC_WORKSPACE, else the platform's place for application data
    QString id; ///< made once; a label on every cell and the name of the keychain's entries
    QString logFolder() const { return path + "/log"; }
    QString notesFolder() const { return path + "/notes"; }
    QString databasePath() const { return path + "/workspace.db"; }
    QString clientPath(const QString &clientId) const
    {
        return path + "/client-" + clientId + ".db";
    }
    QString tokenLedger() const { return path + "/tokens"; }

    /// Opens it, and makes it when it is not there yet.
    static Result<WorkspaceFolder> open();
};

/// One row of a client's own file, as it is to be.
struct ClientRow
{
    QString table; ///< "repository", "job", "job_part" (row: "JOB/PART"), "scan", "open_proposal"
    QString row;
    qint64 number = 0; ///< the table's time column, milliseconds since 1970
    bool flag = false; ///< archived, where the table has it
    std::optional<QByteArray> plain; ///< nothing: the row goes
};

/// Everything one installation knows: clients, repositories, settings, and the audit log in which
/// every change of them stands. Sealed metadata; the key is in the keychain. Two programs may have
/// one workspace open: each sees the other's changes. Lives on the core thread.
class Workspace : public QObject
{
    Q_OBJECT
public:
    /// Opens a workspace, or makes a new one in an empty folder. Errors: those of the keychain;
    /// NotFound and Damaged when the key for what is there is missing or another one; those of
    /// Database. Nothing is overwritten.
    /// Damaged, too, when the audit log does not contain what the keychain remembers of it.
    static TaskResult<std::shared_ptr<Workspace>> open(WorkspaceFolder folder,
                                                       std::shared_ptr<SecretStore> store);
    /// Opens a workspace whose log does not hold, to look at it: whatever would write is refused
    /// with what open() would have said, until acceptLog().
    static TaskResult<std::shared_ptr<Workspace>> inspect(WorkspaceFolder folder,
                                                          std::shared_ptr<SecretStore> store);
    ~Workspace() override;
    /// Null unless inspect() found that open() would have failed.
    const std::optional<Error> &damage() const { return m_damage; }

    Result<QList<Client>> clients();
    /// By id, or by name (exact, else without case). NotFound, Conflict when several have the name.
    Result<Client> client(const QString &idOrName);
    Result<Client> addClient(const QString &name);
    /// Writes it, with an audit entry for each thing that changed.
    Result<> saveClient(const Client &client);
    /// Destroys the client's key first, which makes everything of it unreadable, then its App key,
    /// its rows and its file. The audit log keeps that it was there, without names.
    TaskResult<> removeClient(QString clientId);

    Result<QList<ClientRepository>> repositories(const QString &clientId);
    Result<ClientRepository> repository(const QString &clientId, const QString &idOrTitle);
    Result<ClientRepository> addRepository(ClientRepository repository);
    Result<> saveRepository(const ClientRepository &repository);
    /// Says that a git directory of this machine is a repository's of this client. Conflict when it
    /// is another client's already: nothing crosses between two clients, whatever a `.git` file, a
    /// link or borrowed objects lead to. \a path: the repository's own folder. The very same folder
    /// may be run as this machine's and be a client's: a person has chosen it both times.
    Result<> claimGitFolder(const QString &clientId, const QString &gitFolder, const QString &path);
    /// The name of the client that holds what a person ran on a folder without naming a client.
    static QString machineClientName();
    Result<> removeRepository(const QString &clientId, const QString &id);

    Result<SettingOverrides> agencyOverrides();
    Result<> saveAgencyOverrides(const SettingOverrides &overrides);
    Result<Settings> settingsOf(const QString &clientId, const QString &repositoryId = {});

    /// The App's key into the keychain; replaces an older one. Returns the account with it.
    TaskResult<GitHubAccount> storeAppKey(Client client, std::shared_ptr<const SecretBytes> der);
    TaskResult<> removeAppKey(Client client);

    /// The credential of one of the client's registries into the keychain; replaces an older one.
    /// NotFound when the settings do not name it, InvalidInput when it cannot be one.
    TaskResult<> storeRegistryCredential(QString clientId, QString url,
                                         std::shared_ptr<const SecretBytes> secret);
    TaskResult<std::shared_ptr<const SecretBytes>> registryCredential(QString clientId,
                                                                      QString url);
    TaskResult<> removeRegistryCredential(QString clientId, QString url);

    /// A new workspace key; everything is wrapped anew. Safe against a crash at any moment.
    TaskResult<> rotateKey();
    /// A new data key for one client; everything of it is sealed anew.
    Result<> rotateClientKey(const QString &clientId);

    /// Looks at the log and at everything it covers.
    TaskResult<AuditVerdict> verify(std::function<void(qint64, qint64)> progress = {});
    /// Goes on with a log that does not hold; see AuditLog::accept(). Returns what was accepted.
    TaskResult<AuditVerdict> acceptLog();

    AuditLog &audit() { return *m_audit; }
    Database &database() { return *m_database; }
    /// Carries out what the log has and a client's file has not yet, after another program's end.
    Result<> finishPending(const QString &clientId);
    /// Valid until another client's is asked for: only so many files are open at once.
    Result<Database *> clientDatabase(const QString &clientId);
    /// Null when there is no such client any more.
    const SecretBytes *dataKey(const QString &clientId);
    const WorkspaceKeys &keys() const { return *m_keys; }
    const std::shared_ptr<SecretStore> &secrets() const { return m_store; }
    const WorkspaceFolder &folder() const { return m_folder; }

    /// Writes rows of a client's own file together with their entries in the log: after a crash at
    /// any moment both are there, or neither. \a also runs in the same transaction of the
    /// workspace's file. Without \a events the rows are written alone.
    Result<> writeRows(const QString &clientId, const QList<ClientRow> &rows,
                       const QList<AuditEvent> &events, const std::function<Result<>()> &also = {});
    /// Conflict when a job of the client (empty: of anybody) runs in a program that lives.
    Result<> refuseWhileJobsRun(const QString &clientId);

    Result<QByteArray> unsealFor(const QString &clientId, const char *table, const QString &row,
                                 const QByteArray &sealed);

signals:
    /// Something changed. \a clientId: what it was about; empty: anything, or another program did
    /// it.
    void changed(const QString &clientId);

private:
    Workspace(WorkspaceFolder folder, std::shared_ptr<SecretStore> store);
    TaskResult<> openFiles();
    TaskResult<> checkLog(bool isNew, AuditLog::Head head);
    Result<> guard();
    TaskResult<> reloadKeys();
    Result<QByteArray> sealFor(const QString &clientId, const QString &table, const QString &row,
                               const QByteArray &plain);
    Result<> applyPending(const QString &clientId, Database &file);
    Result<> withdrawPending(const QString &clientId, qint64 first,
                             const QList<AuditEvent> &events);
    Result<> adoptRotatedFile(const QString &clientId, Database &file);
    Result<> loadSearchKey(WorkspaceKeys &keys);
    Result<Client> clientFromRow(const Database::Row &row);
    Result<> writeClient(const Client &client);
    Result<> resealClientFile(const QString &clientId, Database &database,
                              const SecretBytes &before, const SecretBytes &after);
    TaskResult<> removeRegistryCredentials(QString clientId);
    void look();

    WorkspaceFolder m_folder;
    std::shared_ptr<SecretStore> m_store;
    std::unique_ptr<Database> m_database;
    std::shared_ptr<const WorkspaceKeys> m_keys;
    std::unique_ptr<AuditLog> m_audit;
    std::map<QString, SecretBytes> m_dataKeys;
    /// Open files of clients, at most openFilesLimit, and when each was used last.
    struct OpenFile
    {
        std::unique_ptr<Database> database;
        quint64 used = 0;
    };
    static constexpr std::size_t openFilesLimit = 48;
    void closeOldestFile();
    std::map<QString, OpenFile> m_clients;
    quint64 m_uses = 0;
    QTimer m_watch;
    qint64 m_seenVersion = -1;
    qint64 m_guardVersion = -1;
    bool m_inspecting = false;
    std::optional<Error> m_damage;
};

} // namespace ovvoc
