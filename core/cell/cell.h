#pragma once

#include "cell/filetree.h"
#include "cell/hardening.h"
#include "cell/link.h"
#include "engine/engineclient.h"

#include <QElapsedTimer>
#include <functional>
#include <memory>

namespace ovvoc {

/// One command in a cell.
struct ExecRequest
{
    /// argv; never a shell line made from a repository's text. Run under `cell-init confine`.
    QStringList command;
    QStringList environment; ///< "NAME=value"
    QString folder = QStringLiteral("/work");
    QByteArray input; ///< given to standard input, which stays open: the command counts its bytes
    int timeoutSeconds = 600;
    qint64 outputLimit = 16 * 1024 * 1024; ///< of captured standard output, in bytes
    /// Whether it may start other programs. False for what works on a repository while the gate is
    /// open: whatever a manifest, a lockfile or a setting talks it into, it starts nothing.
    bool children = true;
    /// Below which paths it makes, changes and removes files, where the kernel has Landlock
    /// (evidence "Writes of package managers"); nothing: wherever the cell's user may.
    std::optional<QStringList> writes;
    bool capture = true; ///< keep standard output (else only the sink sees it)
};

struct ExecOutcome
{
    int exitCode = -1;
    QByteArray output; ///< standard output, when captured
    QByteArray errors; ///< the end of standard error, at most 64 KiB
    qint64 milliseconds = 0;
};

/// The job's container. Made by create(), which returns it running and proved; ended by destroy(),
/// which the function that created it must await. Dropping the object without destroy() closes its
/// attach stream, and the dead man's switch in cell-init ends the container.
/// Lives on the core thread.
class Cell : public QObject
{
    Q_OBJECT
public:
    using OutputSink = std::function<void(OutputChannel, const QByteArray &)>;

    /// Creates, attaches, starts, and waits for cell-init. On failure nothing is left behind.
    /// \a handler must outlive the cell.
    static TaskResult<std::unique_ptr<Cell>> create(std::shared_ptr<EngineClient> engine,
                                                    CellSpec spec, LinkHandler *handler);
    ~Cell() override;

    const QString &id() const { return m_id; }
    const CellSpec &spec() const { return m_spec; }
    CellLink *link() const { return m_link.get(); }

    /// Reads the container back and probes it from inside. The list holds every control; whether
    /// all of them hold is the caller's to check.
    TaskResult<QList<Evidence>> collectEvidence();

    /// Runs a command. Errors: Timeout (the caller then destroys the cell), TooLarge, OutOfMemory,
    /// DiskFull is not told here but by the command's own words. A non-zero exit code is not an
    /// error.
    TaskResult<ExecOutcome> exec(ExecRequest request, OutputSink sink = {});

    /// Whether the kernel killed something in the cell for lack of memory.
    TaskResult<bool> ranOutOfMemory();
    /// Whether /work or /tmp is full to the last percent, as the kernel says.
    TaskResult<bool> ranOutOfDisk();
    /// Ends whatever runs in the cell besides cell-init, and makes sure of it. IsolationFailed when
    /// something is left.
    TaskResult<> endProcesses();
    /// What is in a folder of the cell, without its `.git`; \a skip: a folder's name that is left
    /// out at any depth, with a slash before it only at the top. No link is followed. TooLarge,
    /// Protocol.
    TaskResult<FileTree> fileTree(QString folder, QString skip = {});
    /// The content of files below \a folder, in the order of \a paths; nothing for one that is not
    /// there, is no plain file, is reached through a link, or has more than \a limit bytes.
    TaskResult<QList<std::optional<QByteArray>>> readFiles(QString folder, QStringList paths,
                                                           qint64 limit);
    /// Pids and names of what runs in the cell besides cell-init.
    TaskResult<QStringList> processes();

    /// Ends everything in the cell and waits until the engine confirms that the container is gone.
    /// May be called from several places at once, at any time; all of them wait for the same end.
    TaskResult<> destroy();
    bool isDestroyed() const { return m_destroyed; }

signals:
    /// The cell ended although nobody destroyed it.
    void lost(const ovvoc::Error &reason);

private:
    Cell(std::shared_ptr<EngineClient> engine, CellSpec spec);
    std::shared_ptr<EngineClient> m_engine;
    CellSpec m_spec;
    QString m_id;
    std::unique_ptr<CellLink> m_link;
    QList<QPointer<ByteStream>> m_execs;
    std::optional<Error> m_lostReason;
    bool m_destroying = false;
    bool m_destroyed = false;
};

} // namespace ovvoc
