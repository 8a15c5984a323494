#include "base/logging.h"

#include "base/text.h"

#include <QDir>
#include <QFile>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <sys/stat.h>

namespace ovvoc {

namespace {

/// The door: masks a message's text, then hands it to the real sinks.
class MaskingSink final : public spdlog::sinks::base_sink<std::mutex>
{
public:
    MaskingSink(std::vector<spdlog::sink_ptr> sinks, std::shared_ptr<const SecretMask> mask)
        : m_sinks(std::move(sinks))
        , m_mask(std::move(mask))
    { }

protected:
    void sink_it_(const spdlog::details::log_msg &message) override
    {
        QString text = QString::fromUtf8(m_mask->masked(
            QByteArray::fromRawData(message.payload.data(), qsizetype(message.payload.size()))));
        text.replace('\n', QStringLiteral(" \u23ce "));
        const QByteArray clean = visibleText(text).toUtf8();
        spdlog::details::log_msg copy = message;
        copy.payload = {clean.constData(), std::size_t(clean.size())};
        for (const auto &inner : m_sinks)
            inner->log(copy);
    }
    void flush_() override
    {
        for (const auto &inner : m_sinks)
            inner->flush();
    }

private:
    std::vector<spdlog::sink_ptr> m_sinks;
    std::shared_ptr<const SecretMask> m_mask;
};

std::shared_ptr<spdlog::logger> &instance()
{
    static auto logger =
        std::make_shared<spdlog::logger>("ovvoc", std::make_shared<spdlog::sinks::null_sink_mt>());
    return logger;
}

void fromQt(QtMsgType type, const QMessageLogContext &, const QString &text)
{
    const std::string line = text.toStdString();
    switch (type) {
    case QtDebugMsg:
        log().debug("{}", line);
        break;
    case QtInfoMsg:
        log().info("{}", line);
        break;
    case QtWarningMsg:
        log().warn("{}", line);
        break;
    case QtCriticalMsg:
        log().error("{}", line);
        break;
    case QtFatalMsg:
        log().critical("{}", line);
        break;
    }
}

} // namespace

Result<> initLogging(const LogOptions &options, std::shared_ptr<const SecretMask> mask)
{
    std::vector<spdlog::sink_ptr> sinks;
    if (options.toStderr)
        sinks.push_back(std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    if (!options.folder.isEmpty()) {
        // Every file of this process is private, also the ones a rotation makes later.
        ::umask(0077);
        if (!QDir().mkpath(options.folder))
            return fail(ErrorCode::InvalidInput,
                        QStringLiteral("The log folder %1 cannot be made. Check its permissions.")
                            .arg(options.folder));
        QFile::setPermissions(options.folder,
                              QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        try {
            const std::string file = (options.folder + "/ovvoc.log").toStdString();
            sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
                file, std::size_t(options.fileBytes), std::size_t(options.files)));
        } catch (const spdlog::spdlog_ex &error) {
            return fail(ErrorCode::InvalidInput,
                        QStringLiteral("The log file in %1 cannot be opened.").arg(options.folder),
                        QString::fromUtf8(error.what()));
        }
    }
    auto door = std::make_shared<MaskingSink>(std::move(sinks), std::move(mask));
    auto logger = std::make_shared<spdlog::logger>("ovvoc", door);
    logger->set_level(options.level);
    logger->flush_on(spdlog::level::warn);
    instance() = std::move(logger);
    qInstallMessageHandler(fromQt);
    return {};
}

spdlog::logger &log()
{
    return *instance();
}

} // namespace ovvoc
