// `ovvoc report`: what was done for a client in a span of days.

#include "cli/workspacecommands.h"
#include "report/clientreport.h"

#include <QDir>
#include <QFileInfo>
#include <QProcess>

namespace ovvoc::cli {

namespace {

constexpr int mostPrintSeconds = 60;

/// The window's program makes the PDF: this one has no fonts. It opens no window.
Result<> printPdf(const QString &page, const QString &path)
{
    const QString program =
        QDir(QCoreApplication::applicationDirPath()).filePath(QStringLiteral("ovvoc-desktop"));
    if (!QFile::exists(program))
        return fail(ErrorCode::NotFound,
                    tr("A PDF is made by ovvoc-desktop, which is not beside this program. Write "
                       "an .html file instead, and print it."));
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
    process.setProcessEnvironment(environment);
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(program, {QStringLiteral("--print-page"), QFileInfo(path).absoluteFilePath()});
    process.write(page.toUtf8());
    process.closeWriteChannel();
    if (!process.waitForFinished(mostPrintSeconds * 1000)
        || process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
        return fail(ErrorCode::CommandFailed, tr("%1 could not be made as a PDF.").arg(path));
    return {};
}

} // namespace

TaskResult<> reportCommand(Call call, std::shared_ptr<Records> records)
{
    OVVOC_CO_TRY(name, required(call, "client"));
    OVVOC_CO_TRY(client, records->workspace->client(name));
    const QDateTime now = QDateTime::currentDateTimeUtc();
    OVVOC_CO_TRY(
        span, reportSpan(call.option("month"), call.option("from"), call.option("to"), now.date()));
    const QString path = call.option("file");
    const QString kind = QFileInfo(path).suffix().toLower();
    if (!path.isEmpty() && !QStringList{"html", "csv", "pdf"}.contains(kind))
        co_return usage(tr("--file is an .html, .pdf or .csv file."));
    OVVOC_CO_TRY(
        report,
        co_await makeClientReport(records->workspace, records->archive, client.id, span, now));
    if (path.isEmpty()) {
        show(call, toJson(report), plainOf(report));
        co_return {};
    }
    const Result<> written =
        kind == QLatin1String("pdf") ? printPdf(htmlOf(report), path) : writeReport(report, path);
    OVVOC_CO_CHECK(written);
    show(call, {{"file", path}}, tr("Written: %1").arg(path));
    co_return records->workspace->audit().add({"client.report", client.id, {}, "ok", {}});
}

} // namespace ovvoc::cli
