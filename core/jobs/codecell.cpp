#include "jobs/codecell.h"

#include "base/ids.h"

#include <QCoreApplication>
#include <QJsonDocument>

namespace ovvoc {

namespace {

/// There is no gate: whatever is asked for is refused.
class NoWayOut : public LinkHandler
{
public:
    void handleRequest(LinkStream *stream) override { stream->reset(); }
};

QString tr(const char *text)
{
    return QCoreApplication::translate("CodeCell", text);
}

ExecRequest receive(const QByteArray &bytes, const QStringList &rest)
{
    // The count is the command's: standard input of an exec cannot be ended over every engine.
    ExecRequest request;
    request.command = QStringList{"/bin/sh", "-c", "head -c \"$1\" | { shift; \"$@\"; }", "sh",
                                  QString::number(bytes.size())}
        + rest;
    request.environment = QStringList{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp"};
    request.input = bytes;
    return request;
}

TaskResult<QByteArray> runIn(Cell *cell, QByteArray request, QByteArray tar)
{
    if (!tar.isEmpty()) {
        const QStringList unpack{"tar", "-x", "--no-same-owner", "--one-top-level=/work/repo"};
        const ExecRequest given = receive(tar, unpack);
        OVVOC_CO_TRY(unpacked, co_await cell->exec(given));
        if (unpacked.exitCode != 0)
            co_return fail(ErrorCode::CommandFailed, tr("The sources could not be unpacked."),
                           QString::fromUtf8(unpacked.errors.right(2000)));
    }
    const QStringList keep{"tee", "/tmp/request.json"};
    const ExecRequest asked = receive(request, keep);
    OVVOC_CO_TRY(written, co_await cell->exec(asked));
    if (written.exitCode != 0)
        co_return fail(ErrorCode::CommandFailed, tr("The request could not be written."));
    ExecRequest program = codeProgram(QStringLiteral("/tmp/request.json"));
    program.environment = QStringList{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp"};
    OVVOC_CO_TRY(outcome, co_await cell->exec(program));
    if (outcome.exitCode != 0)
        co_return fail(ErrorCode::CommandFailed,
                       tr("The rules could not be tried: %1")
                           .arg(QString::fromUtf8(outcome.errors.right(400)).trimmed()),
                       QString::fromUtf8(outcome.errors));
    co_return outcome.output;
}

} // namespace

ExecRequest codeProgram(const QString &requestFile)
{
    ExecRequest program;
    program.command = QStringList{"/usr/local/bin/node", "--max-old-space-size=1024",
                                  "/usr/local/lib/ovvoc/code/code.mjs", requestFile};
    program.folder = QStringLiteral("/tmp"); // not the clone: its settings are not ours
    program.children = false;
    program.outputLimit = 64 * 1024 * 1024;
    return program;
}

TaskResult<QByteArray> runCodeProgram(JobServices services, QJsonObject request, QByteArray tar)
{
    OVVOC_CO_TRY(definition, builtinImageDefinition(QStringLiteral("npm")));
    const ImageStore::Progress silent = [](const QString &) { };
    OVVOC_CO_TRY(image, co_await services.images->prepare(definition, silent));
    CellSpec spec;
    spec.image = image.id;
    spec.labels = cellLabels(services.workspaceId, QStringLiteral("local"), newId(),
                             spec.limits.lifetimeSeconds);
    NoWayOut handler;
    OVVOC_CO_TRY(cell, co_await Cell::create(services.engine, spec, &handler));
    const QByteArray asked = QJsonDocument(request).toJson(QJsonDocument::Compact);
    auto answer = co_await runIn(cell.get(), asked, tar);
    auto destroyed = co_await cell->destroy();
    if (answer && !destroyed)
        co_return fail(destroyed.error());
    co_return Result<QByteArray>(answer);
}

} // namespace ovvoc
