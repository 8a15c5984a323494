// What a plain clone leaves out: submodules and files of Git LFS, in whole jobs on a real engine,
// from a repository on disk and from the fake GitHub. What a repository says of them is hostile.

#include "forge/submoduleaddress.h"
#include "jobs/jobrunner.h"
#include "support/githubbench.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

struct Seen
{
    Job job;
    QByteArray log;
    QString said() const { return job.notes.join('\n') + '\n' + QString::fromUtf8(log); }
};

QString idOf(const QByteArray &content)
{
    return QString::fromLatin1(
        QCryptographicHash::hash(content, QCryptographicHash::Sha256).toHex());
}

QByteArray pointerTo(const QByteArray &content)
{
    return "version https://git-lfs.github.com/spec/v1\noid sha256:" + idOf(content).toLatin1()
        + "\nsize " + QByteArray::number(content.size()) + '\n';
}

/// A repository with one file, and what it lies in as a submodule.
void addModule(const Repository &outer, const Repository &module, const QString &path,
               const QString &address = {}, const QString &name = {})
{
    QStringList add{"-c", "protocol.file.allow=always", "submodule", "--quiet", "add"};
    if (!name.isEmpty())
        add << "--name" << name;
    outer.git(add + QStringList{"--", module.path(), path});
    if (!address.isEmpty())
        outer.git({"config", "-f", ".gitmodules",
                   "submodule." + (name.isEmpty() ? path : name) + ".url", address});
}

} // namespace

class PartsTest : public QObject
{
    Q_OBJECT
    std::unique_ptr<JobBench> m_bench;

    Seen run(const JobRequest &request, std::shared_ptr<Forge> forge)
    {
        Seen seen;
        JobRunner runner(request, forge, m_bench->services);
        connect(&runner, &JobRunner::logged,
                [&](const LogChunk &chunk) { seen.log += chunk.text; });
        seen.job = await(runner.run());
        return seen;
    }
    Seen run(const JobRequest &request)
    {
        return run(request, localForges(m_bench->workspace)(request));
    }
    static void putObject(const Repository &repository, const QByteArray &content,
                          const QByteArray &instead = {})
    {
        const QString id = idOf(content);
        const QString folder =
            repository.path() + "/.git/lfs/objects/" + id.left(2) + '/' + id.mid(2, 2);
        QVERIFY(QDir().mkpath(folder));
        QFile file(folder + '/' + id);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(instead.isEmpty() ? content : instead);
    }

private slots:
    void initTestCase()
    {
        VERIFY_RESULT(bench, JobBench::make());
        m_bench = std::move(bench);
    }

    void fromDiskWithAllItsParts()
    {
        const QByteArray large(300'000, 'x');
        Repository inner, lib, shop;
        inner.write("index.js", "module.exports = 3;\n");
        inner.commit();
        lib.write("index.js", "module.exports = require('./in side') + 1;\n");
        addModule(lib, inner, "in side");
        lib.commit();
        shop.write("test/parts.test.js",
                   "const test = require('node:test'), assert = require('node:assert');\n"
                   "const git = (...a) => require('node:child_process').execFileSync('git', a,"
                   " { encoding: 'utf8' });\n"
                   "test('module', () => assert.equal(require('../vendor/lib'), 4));\n"
                   "test('large', () => assert.equal("
                   "require('node:fs').statSync('art/a picture.bin').size, 300000));\n"
                   "test('clean', () => assert.equal("
                   "git('status', '--porcelain', '--', 'art', 'vendor'), ''));\n"
                   "test('known', () => assert.ok("
                   "git('submodule', 'status', '--recursive').startsWith(' ')));\n");
        shop.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
        shop.write("art/a picture.bin", pointerTo(large));
        shop.writeProject({{"test", "node --test"}});
        addModule(shop, lib, "vendor/lib");
        shop.commit();
        shop.git({"-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init",
                  "--recursive"});
        // What it points at is not its newest.
        lib.write("index.js", "module.exports = 'too new';\n");
        lib.commit();
        putObject(shop, large);
        const Seen seen = run(m_bench->request(shop));
        QVERIFY2(seen.job.outcome == Outcome::Succeeded, seen.log.right(3000).constData());
        QVERIFY2(!seen.said().contains("could not be fetched"), qPrintable(seen.said()));
        QCOMPARE(seen.job.tests->passed, 4);
        // Nothing of it is in the proposal.
        QCOMPARE(
            QString::fromUtf8(shop.git({"diff", "--name-only", "main", seen.job.proposal->branch})),
            QStringLiteral("package-lock.json\npackage.json\n"));
    }

    void whatIsNotOnThisDiskIsNamedAndTheRestGoesOn()
    {
        Repository lib, secret, shop;
        lib.write("a", "1\n");
        lib.commit();
        secret.write("key", "sesame\n");
        secret.commit();
        const QByteArray missing(2000, 'm'), damaged(3000, 'd'), linked(4000, 'l');
        shop.write(".gitattributes", "*.bin filter=lfs\n");
        shop.write("missing.bin", pointerTo(missing));
        shop.write("damaged.bin", pointerTo(damaged));
        shop.write("linked.bin", pointerTo(linked));
        shop.writeProject({});
        addModule(shop, lib, "gone");
        addModule(shop, secret, "elsewhere", secret.path(), "a/../../../outside");
        addModule(shop, lib, "program", "ext::sh -c touch% /tmp/ran");
        shop.commit();
        shop.git({"submodule", "--quiet", "deinit", "-f", "--all"});
        QVERIFY(QDir(shop.path() + "/.git/modules").removeRecursively());
        // As an attacker would have it lie there: a repository of somebody else's behind a link.
        QVERIFY(QDir().mkpath(shop.path() + "/.git/modules"));
        QVERIFY(QFile::link(secret.path() + "/.git", shop.path() + "/.git/modules/elsewhere"));
        QVERIFY(QFile::link(lib.path() + "/.git", shop.path() + "/.git/modules/gone"));
        putObject(shop, damaged, QByteArray(3000, 'D'));
        putObject(shop, linked);
        const QString id = idOf(linked);
        const QString object =
            shop.path() + "/.git/lfs/objects/" + id.left(2) + '/' + id.mid(2, 2) + '/' + id;
        QVERIFY(QFile::rename(object, object + ".away"));
        QVERIFY(QFile::link(object + ".away", object));
        const Seen seen = run(m_bench->request(shop, JobKind::Scan));
        QVERIFY2(seen.job.outcome == Outcome::Succeeded, seen.log.right(3000).constData());
        const QString notes = seen.job.notes.join('\n');
        for (const char *path : {"gone", "program"})
            QVERIFY2(notes.contains(QString("The submodule %1 could not be fetched").arg(path)),
                     qPrintable(notes));
        // git itself takes no name that leads out, so it is none.
        QVERIFY2(!seen.said().contains("sesame"), qPrintable(seen.said()));
        for (const char *file : {"missing.bin", "damaged.bin", "linked.bin"})
            QVERIFY2(notes.contains(QLatin1String(file)), qPrintable(notes));
        QVERIFY(notes.contains("git lfs fetch") && notes.contains("git submodule update"));
        QVERIFY(!QFile::exists("/tmp/ran"));
    }

    void fromGitHubEachWithATokenOfItsOwn()
    {
        GitHubBench bench;
        FakeGitHub &fake = bench.fake;
        const auto &app = fake.addApp("Ovvoc for Aurora", "aurora");
        Repository lib, deep, open, hidden, shop;
        const QByteArray large(200'000, 'g'), wrong(1000, 'w'), away(1000, 'a'), gone(10, 'z');
        for (Repository *one : {&deep, &open, &hidden}) {
            one->write("index.js", "module.exports = 1;\n");
            one->commit();
        }
        lib.write("index.js", "module.exports = 2;\n");
        lib.write(".gitattributes", "*.bin filter=lfs\n");
        lib.write("away.bin", pointerTo(away));
        addModule(lib, deep, "deep", "../deep.git");
        lib.commit();
        shop.write(".gitattributes", "*.bin filter=lfs\n");
        shop.write("large.bin", pointerTo(large));
        shop.write("wrong.bin", pointerTo(wrong));
        shop.write("gone.bin", pointerTo(gone));
        shop.writeProject({});
        const QString host = fake.web().host();
        addModule(shop, lib, "vendor/lib", "git@" + host + ":aurora/lib.git");
        addModule(shop, open, "vendor/open", "ssh://git@" + host + "/somebody/open");
        addModule(shop, hidden, "vendor/hidden", "../../somebody/hidden");
        addModule(shop, hidden, "vendor/own", "../hidden");
        addModule(shop, hidden, "vendor/secret", "../secret");
        addModule(shop, hidden, "vendor/other", "https://git.example.invalid/a/b.git");
        addModule(shop, hidden, "vendor/disk", "/etc");
        shop.commit();
        auto &place = fake.addRepository("aurora", "shop", shop.path());
        auto &library = fake.addRepository("aurora", "lib", lib.path());
        const auto &nested = fake.addRepository("aurora", "deep", deep.path());
        fake.addRepository("somebody", "open", open.path()).isPrivate = false;
        fake.addRepository("somebody", "hidden", hidden.path());
        fake.addRepository("aurora", "hidden", hidden.path());
        // The App may read it, but it is none of the client's.
        const auto &secret = fake.addRepository("aurora", "secret", hidden.path());
        place.large = {{idOf(large), large}, {idOf(wrong), QByteArray(1000, 'W')}};
        library.large = {{idOf(away), away}};
        library.largeAt = "https://169.254.169.254/latest/meta-data";
        const auto &installation =
            fake.install(app, "aurora", {place.id, library.id, nested.id, secret.id});
        GitHubRepository own = bench.place(place, installation);
        own.siblings = QStringList{"aurora/shop", "aurora/lib", "Aurora/Deep"};
        const auto forge = std::make_shared<GitHubForge>(own, bench.app(app));
        forge->setAnonymous(bench.client());
        JobRequest request = m_bench->request(shop, JobKind::Scan);
        const Seen seen = run(request, forge);
        QVERIFY2(seen.job.outcome == Outcome::Succeeded, seen.log.right(3000).constData());
        const QString notes = seen.job.notes.join('\n');
        const auto missing = [&](const QString &path, const QString &why) {
            for (const QString &note : seen.job.notes) {
                if (note.contains("submodule " + path + " could"))
                    return note.contains(why);
            }
            return false;
        };
        QVERIFY2(missing("vendor/hidden", "to nobody without a credential"), qPrintable(notes));
        QVERIFY2(missing("vendor/own", "to nobody without a credential"), qPrintable(notes));
        QVERIFY2(missing("vendor/secret", "add aurora/secret to this client"), qPrintable(notes));
        QVERIFY2(missing("vendor/other", "it is on git.example.invalid"), qPrintable(notes));
        QVERIFY2(missing("vendor/disk", "no address of a repository"), qPrintable(notes));
        for (const char *had : {"vendor/lib could", "vendor/lib/deep", "vendor/open"})
            QVERIFY2(!notes.contains(QLatin1String(had)), qPrintable(notes));
        // Of three large files one is what its pointer says; one place is no place for a cell's
        // sake.
        QVERIFY2(notes.contains("wrong.bin") && notes.contains("gone.bin")
                     && notes.contains("away.bin") && !notes.contains("large.bin"),
                 qPrintable(notes));
        QVERIFY2(notes.contains("cloud metadata"), qPrintable(notes));
        // Three tokens, each for one repository and reading only, and none is left.
        QCOMPARE(fake.tokens.size(), 3);
        for (const auto &token : std::as_const(fake.tokens)) {
            QCOMPARE(token.repositories.size(), 1);
            QCOMPARE(token.permissions["contents"].toString(), QStringLiteral("read"));
        }
        QCOMPARE(seen.job.tokens.size(), 3);
        QCOMPARE(bench.leftBehind(), QStringList());
        // What is anybody's was asked for by nobody.
        for (const auto &call : std::as_const(fake.calls)) {
            if (call.path.startsWith("/somebody/"))
                QVERIFY(!call.headers.contains("authorization"));
        }
    }

    void anAddressNamesOneRepositoryOfTheSameServer_data()
    {
        QTest::addColumn<QStringList>("addresses");
        QTest::addColumn<QString>("path"); // empty: none
        const auto row = [](const QStringList &addresses, const char *path) {
            QTest::newRow(qPrintable(addresses.join(' '))) << addresses << path;
        };
        row({"../lib.git"}, "/aurora/lib");
        row({"../lib/"}, "/aurora/lib");
        row({"../../other/lib"}, "/other/lib");
        row({"./x/../../lib"}, "/aurora/lib");
        row({"https://github.com/aurora/lib.git"}, "/aurora/lib");
        row({"https://GitHub.com:443/aurora/lib"}, "/aurora/lib");
        row({"https://user@github.com/aurora/lib"}, "/aurora/lib");
        row({"git@github.com:aurora/lib.git"}, "/aurora/lib");
        row({"github.com:aurora/lib.git"}, "/aurora/lib");
        row({"ssh://git@github.com:22/aurora/lib.git"}, "/aurora/lib");
        row({"git://github.com/aurora/lib.git"}, "/aurora/lib");
        row({"../lib", "../deep"}, "/aurora/deep");
        row({"https://github.com/a/b", "../c"}, "/a/c");
        row({}, "/aurora/shop");
        for (const char *odd : {"",
                                "lib",
                                "/etc/passwd",
                                "file:///etc",
                                "ext::sh -c id",
                                "../../../..",
                                "..",
                                "https://github.com/a",
                                "https://github.com/a/b/c",
                                "https://github.com/a/..",
                                "https://github.com/a/b?x",
                                "https://github.com:8443/a/b",
                                "https://github.com.example.invalid/a/b",
                                "https://github.com@example.invalid/a/b",
                                "git@example.invalid:a/b",
                                "--upload-pack=x",
                                "https://github.com/a/b%2f..%2fc",
                                "https://github.com/a/b\n",
                                "http::https://github.com/a/b",
                                "C:\\lib"})
            row({QString::fromLatin1(odd)}, "");
    }
    void anAddressNamesOneRepositoryOfTheSameServer()
    {
        QFETCH(QStringList, addresses);
        QFETCH(QString, path);
        const auto page = submodulePage(QUrl("https://github.com/aurora/shop"), addresses);
        QCOMPARE(page ? page->path() : QString(), path);
        if (!page)
            QVERIFY(page.error().code == ErrorCode::NotFound && !page.error().message.isEmpty());
    }
};

QTEST_GUILESS_MAIN(PartsTest)
#include "tst_parts.moc"
