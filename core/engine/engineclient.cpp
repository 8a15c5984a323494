#include "engine/engineclient.h"

#include "base/logging.h"

#include <QElapsedTimer>
#include <QPointer>
#include <algorithm>
#include <qcoro/qcorotimer.h>

namespace ovvoc {

namespace {

constexpr qint64 maximumAnswer = 16 * 1024 * 1024;

/// The engine's own words: Docker's {"message"}, Podman's {"cause", "message"}.
QString engineWords(const QByteArray &body)
{
    const QString message = QJsonDocument::fromJson(body).object().value("message").toString();
    return message.isEmpty() ? QString::fromUtf8(body.left(500)).trimmed() : message;
}

Error errorFromWords(const QString &words, int status)
{
    const QString lower = words.toLower();
    if (lower.contains(QLatin1String("no space left on device")))
        return {ErrorCode::DiskFull,
                QStringLiteral("The engine's disk is full. Free some space, for example with "
                               "`docker system prune`, and try again."),
                words};
    if (lower.contains(QLatin1String("no such image"))
        || lower.contains(QLatin1String("image not known")))
        return {ErrorCode::ImageMissing,
                QStringLiteral("The job image is not there. Prepare it with `ovvoc image`."),
                words};
    if (status == 404)
        return {ErrorCode::NotFound, QStringLiteral("The engine does not know it: %1").arg(words),
                words};
    if (status == 409)
        return {ErrorCode::Conflict, QStringLiteral("The engine is busy with it: %1").arg(words),
                words};
    if (lower.contains(QLatin1String("client version"))
        || lower.contains(QLatin1String("api version")))
        return {ErrorCode::EngineTooOld,
                QStringLiteral("The engine and this program share no API version: %1").arg(words),
                words};
    return {ErrorCode::EngineRefused, QStringLiteral("The engine refused: %1").arg(words), words};
}

int minorOf(const QString &version)
{
    const QStringList parts = version.split('.');
    return parts.size() == 2 && parts[0] == QLatin1String("1") ? parts[1].toInt() : -1;
}

QHash<QString, QString> stringMap(const QJsonObject &object)
{
    QHash<QString, QString> map;
    for (auto it = object.begin(); it != object.end(); ++it)
        map.insert(it.key(), it.value().toString());
    return map;
}

/// Ends a stream when somebody wants the work to end, as long as the result is kept.
std::shared_ptr<void> abortWhenStopped(const std::shared_ptr<Stopper> &stopper, ByteStream *stream)
{
    return Stopper::onStop(stopper, [guarded = QPointer<ByteStream>(stream)] {
        if (guarded)
            guarded->abort(
                {ErrorCode::Cancelled, QStringLiteral("It was ended before its time."), {}});
    });
}

/// Ends a stream when a call takes too long. Nothing happens when the stream went first.
void abortAfter(ByteStream *stream, int timeoutMs)
{
    QTimer::singleShot(timeoutMs, stream, [stream, timeoutMs] {
        stream->abort(
            {ErrorCode::Timeout,
             QStringLiteral("The engine did not answer within %1 s. It may be overloaded; "
                            "restart it if this stays.")
                 .arg(timeoutMs / 1000),
             {}});
    });
}

} // namespace

EngineClient::EngineClient(EngineEndpoint endpoint)
    : m_endpoint(std::move(endpoint))
{ }

QByteArray EngineClient::versioned(const QByteArray &path) const
{
    return "/v" + m_info.apiVersion.toLatin1() + path;
}

TaskResult<std::shared_ptr<EngineClient>> EngineClient::connect(QList<EngineEndpoint> endpoints)
{
    if (endpoints.isEmpty())
        co_return fail(ErrorCode::NoEngine,
                       QStringLiteral("No container engine was found. Install Docker (package "
                                      "docker.io) or Podman and start it."));
    std::optional<Error> first;
    for (const EngineEndpoint &endpoint : endpoints) {
        std::shared_ptr<EngineClient> client(new EngineClient(endpoint));
        HttpRequest ask;
        ask.target = "/version";
        auto answer = co_await client->exchange(ask, 10'000);
        if (!answer) {
            // A permission problem on the first choice is what a person has to know.
            if (!first)
                first = answer.error();
            continue;
        }
        OVVOC_CO_TRY(body, co_await (*answer)->readAll(maximumAnswer));
        const QJsonObject version = QJsonDocument::fromJson(body).object();
        const int newest = minorOf(version["ApiVersion"].toString());
        const int oldest = minorOf(version["MinAPIVersion"].toString());
        if (newest < minimumMinor || oldest > maximumMinor)
            co_return fail(
                ErrorCode::EngineTooOld,
                QStringLiteral("The engine at %1 speaks API %2; version 1.%3 or later is "
                               "needed. Install Docker 20.10 or Podman 4.3, or later.")
                    .arg(endpoint.socketPath, version["ApiVersion"].toString())
                    .arg(minimumMinor));
        EngineInfo &info = client->m_info;
        info.apiVersion = QStringLiteral("1.%1").arg(std::min(newest, maximumMinor));
        info.version = version["Version"].toString();
        info.source = endpoint.source;
        info.socketPath = endpoint.socketPath;
        const QJsonArray components = version["Components"].toArray();
        const bool podman = std::any_of(components.begin(), components.end(), [](const auto &c) {
            return c.toObject()["Name"].toString().contains(QLatin1String("Podman"));
        });
        info.name = podman ? QStringLiteral("Podman") : QStringLiteral("Docker");
        OVVOC_CO_TRY(document, co_await client->call("GET", "/info"));
        const QJsonObject system = document.object();
        info.operatingSystem = system["OperatingSystem"].toString();
        info.rootFolder = system["DockerRootDir"].toString();
        info.runtimes = system["Runtimes"].toObject().keys();
        info.defaultRuntime = system["DefaultRuntime"].toString();
        info.cgroupVersion = system["CgroupVersion"].toString();
        info.cpus = system["NCPU"].toInt();
        info.memoryBytes = system["MemTotal"].toInteger();
        // "name=seccomp,profile=default"
        for (const auto &option : system["SecurityOptions"].toArray())
            info.securityOptions << option.toString().section(',', 0, 0).section('=', -1);
        co_return client;
    }
    co_return fail(*first);
}

TaskResult<std::unique_ptr<HttpExchange>> EngineClient::exchange(HttpRequest request, int timeoutMs,
                                                                 std::shared_ptr<Stopper> stopper)
{
    OVVOC_CO_TRY(stream, co_await openEndpoint(m_endpoint));
    const auto registered = abortWhenStopped(stopper, stream.get());
    if (timeoutMs > 0)
        abortAfter(stream.get(), timeoutMs);
    OVVOC_CO_TRY(exchange, co_await HttpExchange::send(std::move(stream), std::move(request)));
    if (exchange->status() >= 400) {
        auto body = co_await exchange->readAll(1024 * 1024);
        co_return fail(errorFromWords(body ? engineWords(*body) : QString(), exchange->status()));
    }
    co_return std::move(exchange);
}

TaskResult<QJsonDocument> EngineClient::call(QByteArray method, QByteArray path, QJsonObject body,
                                             int timeoutMs)
{
    HttpRequest request;
    request.method = method;
    request.target = versioned(path);
    if (!body.isEmpty()) {
        request.contentType = "application/json";
        request.body = QJsonDocument(body).toJson(QJsonDocument::Compact);
    }
    OVVOC_CO_TRY(answer, co_await exchange(std::move(request), timeoutMs));
    OVVOC_CO_TRY(bytes, co_await answer->readAll(maximumAnswer));
    co_return QJsonDocument::fromJson(bytes);
}

TaskResult<QString> EngineClient::createContainer(QString name, QJsonObject spec)
{
    OVVOC_CO_TRY(answer,
                 co_await call("POST", "/containers/create?name=" + urlEncoded(name), spec));
    const QString id = answer.object().value("Id").toString();
    if (id.isEmpty())
        co_return fail(ErrorCode::Protocol, QStringLiteral("The engine made no container id."));
    for (const auto &warning : answer.object().value("Warnings").toArray())
        log().warn("engine: {}", warning.toString().toStdString());
    co_return id;
}

TaskResult<> EngineClient::startContainer(QString id)
{
    OVVOC_CO_CHECK(co_await call("POST", "/containers/" + urlEncoded(id) + "/start", {}, 60'000));
    co_return {};
}

TaskResult<QJsonObject> EngineClient::inspectContainer(QString id)
{
    OVVOC_CO_TRY(answer, co_await call("GET", "/containers/" + urlEncoded(id) + "/json"));
    co_return answer.object();
}

TaskResult<> EngineClient::destroyContainer(QString id, int timeoutMs)
{
    const QByteArray path = "/containers/" + urlEncoded(id);
    QElapsedTimer clock;
    clock.start();
    for (;;) {
        auto removed = co_await call("DELETE", path + "?force=true&v=true", {}, timeoutMs);
        if (!removed && removed.error().code == ErrorCode::NotFound)
            co_return {};
        // Refused: AutoRemove is at work already, or (Podman) the container is just stopping.
        if (!removed && removed.error().code != ErrorCode::Conflict
            && removed.error().code != ErrorCode::EngineRefused)
            co_return fail(removed.error());
        auto waited = co_await call("POST", path + "/wait?condition=removed", {}, 2'000);
        if (!waited && waited.error().code != ErrorCode::NotFound)
            log().info("engine: wait for removal: {}", waited.error().detail.toStdString());
        // Only the engine's own "not found" counts as gone.
        auto there = co_await inspectContainer(id);
        if (!there && there.error().code == ErrorCode::NotFound)
            co_return {};
        if (!there)
            co_return fail(there.error());
        if (clock.elapsed() > timeoutMs)
            co_return fail(ErrorCode::EngineRefused,
                           QStringLiteral("The engine did not remove the cell. Remove it with "
                                          "`docker rm -f %1`.")
                               .arg(id.left(12)),
                           removed ? QString() : removed.error().detail);
        co_await QCoro::sleepFor(std::chrono::milliseconds(50));
    }
}

TaskResult<QJsonArray> EngineClient::containersWithLabel(QString label)
{
    const QJsonObject filters{{"label", QJsonArray{label}}};
    const QByteArray query =
        urlEncoded(QString::fromUtf8(QJsonDocument(filters).toJson(QJsonDocument::Compact)));
    OVVOC_CO_TRY(answer, co_await call("GET", "/containers/json?all=true&filters=" + query));
    co_return answer.array();
}

TaskResult<std::unique_ptr<ByteStream>> EngineClient::attachContainer(QString id)
{
    HttpRequest request;
    request.method = "POST";
    request.target =
        versioned("/containers/" + urlEncoded(id) + "/attach?stream=1&stdin=1&stdout=1&stderr=1");
    request.upgrade = true;
    OVVOC_CO_TRY(answer, co_await exchange(std::move(request), 0));
    co_return answer->takeStream();
}

TaskResult<QJsonObject> EngineClient::containerStats(QString id)
{
    OVVOC_CO_TRY(answer,
                 co_await call(
                     "GET", "/containers/" + urlEncoded(id) + "/stats?stream=false&one-shot=true"));
    co_return answer.object();
}

CellUse cellUse(const QJsonObject &stats)
{
    CellUse use;
    use.time = QDateTime::fromString(stats["read"].toString(), Qt::ISODateWithMs);
    use.cpuNanoseconds =
        stats["cpu_stats"].toObject()["cpu_usage"].toObject()["total_usage"].toInteger();
    const QJsonObject memory = stats["memory_stats"].toObject();
    const QJsonObject parts = memory["stats"].toObject();
    const qint64 cache = parts.contains("inactive_file") ? parts["inactive_file"].toInteger()
                                                         : parts["total_inactive_file"].toInteger();
    use.memoryBytes = std::max<qint64>(0, memory["usage"].toInteger() - cache);
    use.memoryLimit = memory["limit"].toInteger();
    return use;
}

TaskResult<QString> EngineClient::createExec(QString containerId, QJsonObject spec)
{
    OVVOC_CO_TRY(answer,
                 co_await call("POST", "/containers/" + urlEncoded(containerId) + "/exec", spec));
    const QString id = answer.object().value("Id").toString();
    if (id.isEmpty())
        co_return fail(ErrorCode::Protocol, QStringLiteral("The engine made no exec id."));
    co_return id;
}

TaskResult<std::unique_ptr<ByteStream>> EngineClient::startExec(QString execId)
{
    HttpRequest request;
    request.method = "POST";
    request.target = versioned("/exec/" + urlEncoded(execId) + "/start");
    request.upgrade = true;
    request.contentType = "application/json";
    request.body = R"({"Detach":false,"Tty":false})";
    OVVOC_CO_TRY(answer, co_await exchange(std::move(request), 0));
    co_return answer->takeStream();
}

TaskResult<ExecState> EngineClient::inspectExec(QString execId)
{
    OVVOC_CO_TRY(answer, co_await call("GET", "/exec/" + urlEncoded(execId) + "/json"));
    const QJsonObject state = answer.object();
    co_return ExecState{state["Running"].toBool(), state["ExitCode"].toInt(-1)};
}

TaskResult<> EngineClient::readProgress(std::unique_ptr<HttpExchange> exchange,
                                        std::function<void(const QJsonObject &)> line)
{
    QByteArray buffer;
    for (;;) {
        OVVOC_CO_TRY(piece, co_await exchange->readBody());
        if (piece.isEmpty())
            co_return {};
        buffer += piece;
        if (buffer.size() > 1024 * 1024)
            co_return fail(ErrorCode::Protocol, QStringLiteral("The engine sent an endless line."));
        for (qsizetype end = buffer.indexOf('\n'); end >= 0; end = buffer.indexOf('\n')) {
            const QJsonObject object = QJsonDocument::fromJson(buffer.left(end)).object();
            buffer.remove(0, end + 1);
            const QString error = object.value("error").toString();
            if (!error.isEmpty())
                co_return fail(errorFromWords(error, 500));
            line(object);
        }
    }
}

TaskResult<> EngineClient::followEvents(QString label,
                                        std::function<bool(const EngineEvent &)> sink,
                                        std::function<void()> subscribed)
{
    const QJsonObject filters{{"label", QJsonArray{label}}};
    HttpRequest request;
    request.target = versioned(
        "/events?filters="
        + urlEncoded(QString::fromUtf8(QJsonDocument(filters).toJson(QJsonDocument::Compact))));
    OVVOC_CO_TRY(answer, co_await exchange(std::move(request), 0));
    if (subscribed)
        subscribed();
    QPointer<ByteStream> stream(answer->stream());
    bool wanted = true;
    auto read = co_await readProgress(std::move(answer), [&](const QJsonObject &object) {
        const QJsonObject actor = object["Actor"].toObject();
        EngineEvent event;
        event.type = object["Type"].toString();
        event.action = object["Action"].toString();
        event.id = actor["ID"].toString();
        event.attributes = stringMap(actor["Attributes"].toObject());
        if (wanted && !sink(event)) {
            wanted = false;
            if (stream)
                stream->abort({ErrorCode::Cancelled, QStringLiteral("No longer needed."), {}});
        }
    });
    if (!wanted)
        co_return {};
    co_return read;
}

TaskResult<ImageInfo> EngineClient::inspectImage(QString reference)
{
    OVVOC_CO_TRY(answer, co_await call("GET", "/images/" + urlEncoded(reference) + "/json"));
    const QJsonObject object = answer.object();
    ImageInfo info;
    info.id = object["Id"].toString();
    if (!info.id.startsWith(QLatin1String("sha256:")))
        info.id.prepend(QLatin1String("sha256:"));
    info.size = object["Size"].toInteger();
    for (const auto &digest : object["RepoDigests"].toArray())
        info.repoDigests << digest.toString();
    info.labels = stringMap(object["Config"].toObject()["Labels"].toObject());
    co_return info;
}

TaskResult<> EngineClient::removeImage(QString reference)
{
    OVVOC_CO_CHECK(co_await call("DELETE", "/images/" + urlEncoded(reference)));
    co_return {};
}

TaskResult<> EngineClient::pullImage(QString reference, std::function<void(QString)> progress,
                                     std::shared_ptr<Stopper> stopper)
{
    HttpRequest request;
    request.method = "POST";
    request.target = versioned("/images/create?fromImage=" + urlEncoded(reference));
    OVVOC_CO_TRY(answer, co_await exchange(std::move(request), 0, stopper));
    const auto registered = abortWhenStopped(stopper, answer->stream());
    OVVOC_CO_CHECK(co_await readProgress(std::move(answer), [&](const QJsonObject &line) {
        const QString bar = line["progress"].toString();
        progress(line["status"].toString() + (bar.isEmpty() ? QString() : QString(' ' + bar)));
    }));
    co_return {};
}

TaskResult<> EngineClient::importImage(QString reference, QStringList changes, QIODevice *tar)
{
    HttpRequest request;
    request.method = "POST";
    request.target =
        // The tag belongs to "repo": Podman does not read "tag" here.
        versioned("/images/create?fromSrc=-&repo=" + urlEncoded(reference));
    for (const QString &change : changes)
        request.target += "&changes=" + urlEncoded(change);
    request.contentType = "application/x-tar";
    request.bodySource = tar;
    OVVOC_CO_TRY(answer, co_await exchange(std::move(request), 0));
    OVVOC_CO_CHECK(co_await readProgress(std::move(answer), [](const QJsonObject &) { }));
    co_return {};
}

TaskResult<> EngineClient::putArchive(QString containerId, QString folder, QIODevice *tar)
{
    HttpRequest request;
    request.method = "PUT";
    request.target =
        versioned("/containers/" + urlEncoded(containerId) + "/archive?path=" + urlEncoded(folder));
    request.contentType = "application/x-tar";
    request.bodySource = tar;
    OVVOC_CO_TRY(answer, co_await exchange(std::move(request), 300'000));
    OVVOC_CO_CHECK(co_await answer->readAll(maximumAnswer));
    co_return {};
}

TaskResult<> EngineClient::commitContainer(QString containerId, QString repository, QString tag,
                                           QJsonObject config)
{
    OVVOC_CO_CHECK(co_await call("POST",
                                 "/commit?container=" + urlEncoded(containerId) + "&repo="
                                     + urlEncoded(repository) + "&tag=" + urlEncoded(tag),
                                 config, 300'000));
    co_return {};
}

} // namespace ovvoc
