#pragma once

#include "cell/cell.h"
#include "common/services.h"

#include <QTemporaryDir>
#include <QTest>
#include <qcoro/qcorotask.h>

/// Leaves the test function unless the Result \a expr has a value, which becomes \a name.
#define VERIFY_RESULT(name, expr)                                                                  \
    auto name##Result = (expr);                                                                    \
    QVERIFY2(name##Result.has_value(),                                                             \
             name##Result ? ""                                                                     \
                          : qPrintable(name##Result.error().message + " | "                        \
                                       + name##Result.error().detail));                            \
    auto name = std::move(*name##Result)

/// Leaves the test function unless the Result<void> \a expr is a success.
#define VERIFY_DONE(expr)                                                                          \
    do {                                                                                           \
        const auto done = (expr);                                                                  \
        QVERIFY2(done.has_value(), done ? "" : qPrintable(done.error().message));                  \
    } while (false)

namespace ovvoc::test {

/// Runs a coroutine to its end. Tests may nest event loops; the program never does.
template <typename T> T await(QCoro::Task<T> task)
{
    return QCoro::waitFor(std::move(task));
}

/// The runtime under test: OVVOC_TEST_RUNTIME, empty for the engine's default.
QString runtime();
bool isGVisor();

/// The engine under test (DOCKER_HOST, else the first that answers) and its npm job image.
/// Connects once; fails the test program with a message when either is missing.
struct RealEngine
{
    std::shared_ptr<EngineClient> client;
    JobImage image;
    QString cellInit;
    static Result<RealEngine> connect();
};

/// A small spec for attacks: little memory, few processes, short life.
CellSpec smallCell(const RealEngine &engine);

/// Whether the engine still knows this container, running or not.
bool exists(const RealEngine &engine, const QString &containerId);
/// Milliseconds until the container is gone; -1 when it is still there after \a limitMs.
qint64 millisecondsUntilGone(const RealEngine &engine, const QString &containerId, int limitMs);
/// Ids of all containers with this label.
QStringList containers(const RealEngine &engine, const QString &label);

/// A git repository in a temporary folder.
class Repository
{
public:
    Repository();
    QString path() const { return m_folder.path() + "/repo"; }
    void write(const QString &file, const QByteArray &text);
    QByteArray read(const QString &file) const;
    QByteArray git(const QStringList &arguments, int *exitCode = nullptr) const;
    void commit(const QString &message = QStringLiteral("Begin"));
    /// package.json with one outdated dependency and these scripts, committed with its lockfile.
    void writeProject(const QHash<QString, QString> &scripts);

private:
    QTemporaryDir m_folder;
};

/// Everything a job needs, over the engine under test, with a workspace of its own.
struct JobBench
{
    RealEngine engine;
    QTemporaryDir folder;
    WorkspaceFolder workspace;
    std::shared_ptr<SecretMask> mask = std::make_shared<SecretMask>();
    JobServices services;
    static Result<std::unique_ptr<JobBench>> make();
    JobRequest request(const Repository &repository, JobKind kind = JobKind::Update) const;
};

} // namespace ovvoc::test
