#include "engine/images/imagestore.h"

#include "base/ids.h"
#include "base/logging.h"
#include "base/process.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <sys/stat.h>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("ImageStore", text);
}

/// The certificates this machine trusts: a network that inspects TLS has its own among them.
QByteArray trustedCertificates()
{
    QByteArray pem;
    QList<QByteArray> all;
    for (const QSslCertificate &certificate : QSslConfiguration::systemCaCertificates())
        all << certificate.toPem();
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    for (const QByteArray &one : std::as_const(all))
        pem += one;
    return pem;
}

/// The ecosystem's own programs, by path, as the program brings them along: what reads a clone, and
/// what reads and changes its code.
QList<std::pair<QString, QByteArray>> programFiles()
{
    QList<std::pair<QString, QByteArray>> files;
    for (const QString &part : {QStringLiteral("survey"), QStringLiteral("code")}) {
        const QDir folder(QStringLiteral(":/ecosystems/node/") + part);
        for (const QString &name : folder.entryList(QDir::Files, QDir::Name)) {
            QFile file(folder.filePath(name));
            if (file.open(QIODevice::ReadOnly))
                files << std::pair(part + '/' + name, file.readAll());
        }
    }
    return files;
}

Result<> writeFile(const QString &path, const QByteArray &bytes,
                   QFile::Permissions permissions = QFile::ReadOwner | QFile::WriteOwner
                       | QFile::ReadGroup | QFile::ReadOther)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()
        || !file.setPermissions(permissions))
        return fail(ErrorCode::DiskFull,
                    tr("%1 cannot be written: %2").arg(path, file.errorString()));
    return {};
}

/// The ids that cellUser() (cell/hardening.h) may give; engine is below cell and cannot ask it.
constexpr quint32 imageUsers[] = {0x70000000, 40'000};
constexpr quint32 usersOfARange = 2048;

const QFile::Permissions executable = QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner
    | QFile::ReadGroup | QFile::ExeGroup | QFile::ReadOther | QFile::ExeOther;

TaskResult<> run(QString program, QStringList arguments, QString folder, QString what)
{
    ProcessRequest request;
    request.program = program;
    request.arguments = arguments;
    request.folder = folder;
    OVVOC_CO_TRY(outcome, co_await runProcess(request));
    if (outcome.exitCode != 0)
        co_return fail(ErrorCode::CommandFailed,
                       tr("%1 failed: %2").arg(what, QString::fromUtf8(outcome.errors.right(600))),
                       QString::fromUtf8(outcome.errors));
    co_return {};
}

QString baseReference(const ImageDefinition &definition)
{
    const QString content =
        definition.base + '\n' + definition.suite + '\n' + definition.include.join(' ');
    const QByteArray digest =
        QCryptographicHash::hash(content.toUtf8(), QCryptographicHash::Sha256).toHex();
    return QStringLiteral("ovvoc/base-%1:%2")
        .arg(definition.name, QString::fromLatin1(digest.left(12)));
}

} // namespace

ImageStore::ImageStore(std::shared_ptr<EngineClient> engine, QString cellInit)
    : m_engine(std::move(engine))
    , m_cellInit(std::move(cellInit))
{ }

Result<QString> ImageStore::fingerprint(const ImageDefinition &definition) const
{
    QFile init(m_cellInit);
    if (!init.open(QIODevice::ReadOnly))
        return fail(ErrorCode::NotFound, tr("%1 cannot be read.").arg(m_cellInit));
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(init.readAll());
    hash.addData(trustedCertificates());
    hash.addData(baseReference(definition).toUtf8());
    for (const ImagePackage &package : definition.packages)
        hash.addData(
            (package.name + '@' + package.version + '=' + package.integrity + '=' + package.place)
                .toUtf8());
    for (const auto &[name, content] : programFiles()) {
        hash.addData(name.toUtf8());
        hash.addData(content);
    }
    hash.addData("overlay 6");
    return QString::fromLatin1(hash.result().toHex().left(16));
}

TaskResult<JobImage> ImageStore::find(ImageDefinition definition)
{
    OVVOC_CO_TRY(print, fingerprint(definition));
    const QString reference = QStringLiteral("ovvoc/job-%1:%2").arg(definition.name, print);
    auto info = co_await m_engine->inspectImage(reference);
    if (!info) {
        const ErrorCode code = info.error().code;
        if (code == ErrorCode::NotFound || code == ErrorCode::ImageMissing)
            co_return fail(ErrorCode::ImageMissing,
                           tr("The job image \"%1\" is not prepared yet. Prepare it with `ovvoc "
                              "image`.")
                               .arg(definition.name));
        co_return fail(info.error());
    }
    co_return JobImage{info->id, reference, info->labels.value("dev.ovvoc.base")};
}

TaskResult<JobImage> ImageStore::prepare(ImageDefinition definition, Progress progress,
                                         std::shared_ptr<Stopper> stopper)
{
    auto there = co_await find(definition);
    if (there || there.error().code != ErrorCode::ImageMissing)
        co_return there;
    OVVOC_CO_TRY(print, fingerprint(definition));
    const QString repository = QStringLiteral("ovvoc/job-%1").arg(definition.name);
    OVVOC_CO_TRY(base, co_await prepareBase(definition, progress, stopper));
    QTemporaryDir staging;
    if (!staging.isValid())
        co_return fail(ErrorCode::DiskFull,
                       tr("No temporary folder can be made: %1").arg(staging.errorString()));
    OVVOC_CO_CHECK(co_await stageOverlay(definition, staging.path(), progress, stopper));

    progress(tr("Putting the image together"));
    const QString tar = staging.path() + "/overlay.tar";
    const QStringList tarArguments{"--owner=0",
                                   "--group=0",
                                   "--numeric-owner",
                                   "--sort=name",
                                   "--mtime=@0",
                                   "--mode=a+rX",
                                   "-cf",
                                   tar,
                                   "-C",
                                   staging.path() + "/root",
                                   "."};
    OVVOC_CO_CHECK(co_await run("tar", tarArguments, {}, tr("Packing the image")));
    const QJsonObject body{
        {"Image", base}, {"Cmd", QJsonArray{"/bin/true"}}, {"NetworkDisabled", true}};
    OVVOC_CO_TRY(container, co_await m_engine->createContainer("ovvoc-image-" + newId(), body));
    QFile archive(tar);
    Result<> made;
    if (archive.open(QIODevice::ReadOnly)) {
        made = co_await m_engine->putArchive(container, "/", &archive);
    } else {
        made = fail(ErrorCode::DiskFull, archive.errorString());
    }
    const QJsonObject labels{{"dev.ovvoc.image", definition.name},
                             {"dev.ovvoc.fingerprint", print},
                             {"dev.ovvoc.base", base}};
    const QJsonObject config{{"Labels", labels},
                             {"User", "65534:65534"},
                             {"WorkingDir", "/work"},
                             {"Cmd", QJsonArray{"/usr/local/bin/cell-init", "version"}}};
    if (made)
        made = co_await m_engine->commitContainer(container, repository, print, config);
    auto removed = co_await m_engine->destroyContainer(container);
    if (!removed)
        log().warn("image: {}", removed.error().message.toStdString());
    OVVOC_CO_CHECK(made);
    progress(tr("The job image is ready"));
    co_return co_await find(definition);
}

TaskResult<QString> ImageStore::prepareBase(ImageDefinition definition, Progress progress,
                                            std::shared_ptr<Stopper> stopper)
{
    // A base that was made here before (mmdebstrap) is as good as new.
    const QString own = baseReference(definition);
    auto made = co_await m_engine->inspectImage(own);
    if (made)
        co_return own;
    auto pulled = co_await m_engine->inspectImage(definition.base);
    if (!pulled) {
        progress(tr("Pulling %1").arg(definition.base));
        auto result = co_await m_engine->pullImage(definition.base, progress, stopper);
        if (stopper && stopper->isStopped())
            co_return fail(ErrorCode::Cancelled, tr("Preparing the image was ended."));
        if (result)
            pulled = co_await m_engine->inspectImage(definition.base);
        else
            progress(tr("No image can be pulled here (%1)").arg(result.error().detail.left(120)));
    }
    // By digest, so that nothing can change under the tag.
    if (pulled && !pulled->repoDigests.isEmpty())
        co_return pulled->repoDigests.first();
    OVVOC_CO_CHECK(co_await bootstrap(definition, own, progress, stopper));
    co_return own;
}

TaskResult<> ImageStore::bootstrap(ImageDefinition definition, QString reference, Progress progress,
                                   std::shared_ptr<Stopper> stopper)
{
    if (QStandardPaths::findExecutable("mmdebstrap").isEmpty())
        co_return fail(ErrorCode::NotFound,
                       tr("No image can be pulled, and mmdebstrap, which builds one from Debian's "
                          "packages, is not installed. Mend the network, or install mmdebstrap."));
    progress(tr("Building a base from Debian's packages, about a minute"));
    QProcess process;
    Completion<bool> ended;
    QByteArray words;
    QObject::connect(&process, &QProcess::finished, [ended](int code, QProcess::ExitStatus status) {
        ended.set(code == 0 && status == QProcess::NormalExit);
    });
    QObject::connect(&process, &QProcess::errorOccurred, [ended](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            ended.set(false);
    });
    QObject::connect(&process, &QProcess::readyReadStandardError, [&] {
        const QByteArray text = process.readAllStandardError();
        words = (words + text).right(4000);
        const QByteArray line = text.trimmed().split('\n').last();
        if (line.startsWith("I: "))
            progress(QString::fromUtf8(line.mid(3)));
    });
    const auto registered = Stopper::onStop(stopper, [&process, ended] {
        process.kill();
        ended.set(false);
    });
    QTemporaryDir folder;
    const QString tar = folder.path() + "/base.tar";
    process.start("mmdebstrap",
                  {"--variant=minbase", "--include=" + definition.include.join(','),
                   "--dpkgopt=path-exclude=/usr/share/man/*",
                   "--dpkgopt=path-exclude=/usr/share/doc/*",
                   "--dpkgopt=path-exclude=/usr/share/locale/*", definition.suite, tar});
    const bool built = co_await ended;
    if (stopper && stopper->isStopped())
        co_return fail(ErrorCode::Cancelled, tr("Preparing the image was ended."));
    if (!built)
        co_return fail(ErrorCode::CommandFailed,
                       tr("The base could not be built: %1")
                           .arg(QString::fromUtf8(words.trimmed().right(600))),
                       QString::fromUtf8(words));
    progress(tr("Importing the base into the engine"));
    QFile archive(tar);
    if (!archive.open(QIODevice::ReadOnly))
        co_return fail(ErrorCode::DiskFull, archive.errorString());
    const QStringList noChanges;
    co_return co_await m_engine->importImage(reference, noChanges, &archive);
}

TaskResult<> ImageStore::stageOverlay(ImageDefinition definition, QString folder, Progress progress,
                                      std::shared_ptr<Stopper> stopper)
{
    const QString root = folder + "/root";
    const QString local = root + "/usr/local";
    for (const char *path :
         {"/usr/local/bin", "/usr/local/lib/node_modules", "/etc/ssl/certs", "/work", "/tmp"})
        QDir().mkpath(root + path);
    // A tmpfs takes its mode from the folder it covers.
    for (const char *path : {"/work", "/tmp"})
        ::chmod((root + path).toLocal8Bit().constData(), 01777);
    // Whatever id a cell gets, it has a name and a home.
    QByteArray users = "root:x:0:0:root:/root:/bin/sh\n"
                       "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
    QByteArray groups = "root:x:0:\nnogroup:x:65534:\n";
    for (const quint32 first : imageUsers) {
        for (quint32 i = 0; i < usersOfARange; ++i) {
            const QByteArray id = QByteArray::number(first + i);
            users += "cell:x:" + id + ':' + id + ":cell:/tmp/home:/bin/sh\n";
            groups += "cell:x:" + id + ":\n";
        }
    }
    OVVOC_CO_CHECK(writeFile(root + "/etc/passwd", users));
    OVVOC_CO_CHECK(writeFile(root + "/etc/group", groups));
    OVVOC_CO_CHECK(writeFile(root + "/etc/ssl/certs/ca-certificates.crt", trustedCertificates()));
    QFile init(m_cellInit);
    if (!init.open(QIODevice::ReadOnly))
        co_return fail(ErrorCode::NotFound, tr("%1 cannot be read.").arg(m_cellInit));
    OVVOC_CO_CHECK(writeFile(local + "/bin/cell-init", init.readAll(), executable));

    for (const auto &[name, content] : programFiles())
        OVVOC_CO_CHECK(writeFile(local + "/lib/ovvoc/" + name, content));

    for (const ImagePackage &package : definition.packages) {
        const QString spec = package.name + '@' + package.version;
        progress(tr("Fetching %1").arg(spec));
        ProcessRequest pack;
        pack.program = "npm";
        pack.arguments = QStringList{"pack", "--silent", "--ignore-scripts", spec};
        pack.folder = folder;
        pack.stopper = stopper;
        OVVOC_CO_TRY(packed, co_await runProcess(pack));
        const QString name =
            QString::fromUtf8(packed.output).trimmed().split('\n').last().trimmed();
        if (packed.exitCode != 0 || name.isEmpty() || name.contains('/'))
            co_return fail(
                ErrorCode::NetworkDown,
                tr("%1 could not be fetched from the npm registry. Check the network.").arg(spec),
                QString::fromUtf8(packed.errors));
        QFile tarball(folder + '/' + name);
        if (!tarball.open(QIODevice::ReadOnly))
            co_return fail(ErrorCode::NotFound, tr("%1 was not fetched.").arg(spec));
        const QByteArray found = "sha512-"
            + QCryptographicHash::hash(tarball.readAll(), QCryptographicHash::Sha512).toBase64();
        if (found != package.integrity.toLatin1())
            co_return fail(ErrorCode::PolicyViolation,
                           tr("%1 is not the package that was expected (its checksum differs). "
                              "Nothing was built.")
                               .arg(spec));
        QString target = local;
        QStringList wanted;
        if (package.place == QLatin1String("node"))
            wanted = QStringList{"package/bin", "package/include"};
        else if (package.place == QLatin1String("npm"))
            target = local + "/lib/node_modules/npm";
        else if (package.place.startsWith(QLatin1String("survey/"))
                 || package.place.startsWith(QLatin1String("code/")))
            target = local + "/lib/ovvoc/" + package.place;
        else
            co_return fail(ErrorCode::InvalidInput,
                           tr("%1 has no place in the image: \"%2\".").arg(spec, package.place));
        QDir().mkpath(target);
        const QStringList arguments = QStringList{"--strip-components=1",
                                                  "--no-same-owner",
                                                  "-xzf",
                                                  folder + '/' + name,
                                                  "-C",
                                                  target}
            + wanted;
        OVVOC_CO_CHECK(co_await run("tar", arguments, {}, tr("Unpacking %1").arg(spec)));
        tarball.remove();
    }
    // npm runs on the image's own Node, whichever Node the project's scripts find first. By no
    // shell: that would drop variables like npm_config_@scope:registry.
    for (const char *name : {"npm", "npx"})
        OVVOC_CO_CHECK(writeFile(local + "/bin/" + name,
                                 QByteArray("#!/usr/local/bin/node\nprocess.argv[1] = "
                                            "'/usr/local/lib/node_modules/npm/bin/")
                                     + name + "-cli.js';\nrequire(process.argv[1]);\n",
                                 executable));
    QFile::setPermissions(local + "/lib/node_modules/npm/bin/npm-cli.js", executable);
    QFile::setPermissions(local + "/lib/node_modules/npm/bin/npx-cli.js", executable);
    co_return {};
}

} // namespace ovvoc
