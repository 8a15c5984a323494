// The sealed patch, what its policy refuses, and what a commit made from it leaves alone.

#include "patch/commit.h"
#include "patch/libgit.h"
#include "patch/makepatch.h"
#include "patch/sealedpatch.h"
#include "support/testsupport.h"

#include <QProcess>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

const char *const zero = "0000000000000000000000000000000000000000";
const char *const some = "5716ca5987cbf97d6bb54920bea6adde242d87e6";
const char *const other = "257cc5642cb1a054f08cc83f2d943e56fd3ebe99";

QByteArray modify(const QByteArray &path)
{
    return "diff --git a/" + path + " b/" + path + "\nindex " + other + ".." + some
        + " 100644\n--- a/" + path + "\n+++ b/" + path + "\n@@ -1 +1 @@\n-foo\n+bar\n";
}

} // namespace

class PatchTest : public QObject
{
    Q_OBJECT
private slots:
    void unsafePathsAreRefused()
    {
        for (const char *path :
             {"../x", "/etc/passwd", ".git/config", "a/.GIT/hooks/x", "a\\b", "C:/x",
              ".github/workflows/ci.yml", ".GitHub/Workflows/ci.yml", "git~1/config", ".git ./x",
              ".git::$INDEX_ALLOCATION/x", ".g\u200cit/config", "a//b", "a/./b", "a/../b", "x\ny",
              "x\x7f", "", ".gitmodules"})
            QVERIFY2(!unsafePathReason(QString::fromUtf8(path)).isEmpty(), path);
        for (const char *path : {"package.json", "a/b/package-lock.json", ".gitignore",
                                 ".github/dependabot.yml", "git/x"})
            QVERIFY2(unsafePathReason(path).isEmpty(), path);
    }

    void onlyPlannedFilesPass()
    {
        VERIFY_RESULT(patch, sealPatch(modify("x.js")));
        QVERIFY(checkPolicy(patch, PatchPolicy{{"x.js"}}).has_value());
        QVERIFY(!checkPolicy(patch, PatchPolicy{{"package.json"}}));
        QVERIFY(!checkPolicy(patch, PatchPolicy{{"X.js"}}));
        QCOMPARE(patch.files.first().added, 1);
        QCOMPARE(patch.files.first().removed, 1);
    }

    void whatAnUpdateNeverDoesIsRefused_data()
    {
        QTest::addColumn<QByteArray>("diff");
        QTest::newRow("a mode change")
            << QByteArray("diff --git a/x b/x\nold mode 100644\nnew mode 100755\n");
        QTest::newRow("a symbolic link")
            << QByteArray("diff --git a/x b/x\nnew file mode 120000\nindex ") + zero + ".." + some
                + "\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc/passwd\n";
        QTest::newRow("a submodule")
            << QByteArray("diff --git a/x b/x\nnew file mode 160000\nindex ") + zero + ".." + some
                + "\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+Subproject commit " + some + "\n";
        QTest::newRow("a removal")
            << QByteArray("diff --git a/x b/x\ndeleted file mode 100644\nindex ") + some + ".."
                + zero + "\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-bar\n";
        QTest::newRow("a rename") << QByteArray(
            "diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n");
        QTest::newRow("a copy") << QByteArray(
            "diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to y\n");
        QTest::newRow("a file twice") << modify("x") + modify("x");
        QTest::newRow("two names") << QByteArray(modify("x")).replace("+++ b/x", "+++ b/y");
        QTest::newRow("a name out of the tree") << modify("../x");
        QTest::newRow("a quoted name")
            << QByteArray(modify("x")).replace("b/x", "\"b/\\056git/x\"");
        QTest::newRow("nonsense") << QByteArray("this is no diff");
        QTest::newRow("a cut hunk") << modify("x").chopped(5);
        QTest::newRow("a hunk that lies") << QByteArray(modify("x")).replace("-1 +1", "-1,9 +1,9");
        QTest::newRow("too large") << QByteArray(6 * 1024 * 1024, 'x');
        QByteArray many;
        for (int i = 0; i < 501; ++i)
            many += modify("f" + QByteArray::number(i));
        QTest::newRow("too many files") << many;
    }
    void whatAnUpdateNeverDoesIsRefused()
    {
        QFETCH(QByteArray, diff);
        const auto patch = sealPatch(diff);
        const bool passes = patch && checkPolicy(*patch, PatchPolicy{{"x", "y"}});
        QVERIFY(!passes);
    }

    void aCommitTouchesNothingButItsBranch()
    {
        Repository repository;
        repository.write("x", "foo\n");
        repository.write("y", "other\n");
        repository.commit();
        repository.write("x", "bar\n");
        const QByteArray diff = repository.git({"diff", "--binary", "--full-index"});
        // Work in progress that must survive: an edit, a staged file, an untracked one.
        repository.write("x", "mine\n");
        repository.write("staged", "s\n");
        repository.git({"add", "staged"});
        repository.write("new", "n\n");
        const QByteArray status = repository.git({"status", "--porcelain"});
        const QByteArray head = repository.git({"rev-parse", "HEAD"}).trimmed();
        VERIFY_RESULT(patch, sealPatch(diff));
        CommitRequest request;
        request.repositoryPath = repository.path();
        request.baseCommit = QString::fromLatin1(head);
        request.patch = patch;
        request.branch = "ovvoc/update-x";
        request.message = "Update x";
        VERIFY_RESULT(first, commitPatch(request));
        QCOMPARE(first.branch, QString("ovvoc/update-x"));
        QCOMPARE(repository.git({"show", first.branch + ":x"}), QByteArray("bar\n"));
        QCOMPARE(repository.git({"rev-parse", first.branch + "^"}).trimmed(), head);
        QCOMPARE(repository.git({"status", "--porcelain"}), status);
        QCOMPARE(repository.git({"rev-parse", "HEAD"}).trimmed(), head);
        QCOMPARE(repository.git({"symbolic-ref", "HEAD"}), QByteArray("refs/heads/main\n"));
        // A name that is taken gets a number; the first branch stays.
        VERIFY_RESULT(second, commitPatch(request));
        QCOMPARE(second.branch, QString("ovvoc/update-x-2"));
    }

    // ---- a branch of ours that is there already

    void aBranchOfOursIsTakenFurther_data()
    {
        QTest::addColumn<QString>("meanwhile");
        QTest::addColumn<bool>("further");
        for (const char *further : {"nothing", "the base moves", "packed", "merged"})
            QTest::newRow(further) << further << true;
        for (const char *left : {"somebody commits to it", "checked out", "checked out elsewhere",
                                 "another topic", "a symbolic reference", "a link"})
            QTest::newRow(left) << left << false;
    }
    void aBranchOfOursIsTakenFurther()
    {
        QFETCH(QString, meanwhile);
        QFETCH(bool, further);
        Repository repository;
        repository.write("x", "1\n");
        repository.write("y", "1\n");
        repository.commit();
        const auto request = [&repository](const char *content) {
            repository.write("x", content);
            CommitRequest made;
            made.patch =
                *sealPatch(repository.git({"diff", "--binary", "--full-index", "main", "--", "x"}));
            repository.git({"checkout", "-q", "--", "x"});
            made.repositoryPath = repository.path();
            made.baseCommit = QString::fromLatin1(repository.git({"rev-parse", "main"}).trimmed());
            made.branch = "ovvoc/update-x";
            made.message = "Update x\n\nTopic: x";
            made.continues = [](const QString &message) { return message.contains("Topic: x"); };
            return made;
        };
        VERIFY_RESULT(first, commitPatch(request("2\n")));
        QVERIFY(first.note.isEmpty());
        // The very same again: nothing is written.
        VERIFY_RESULT(same, commitPatch(request("2\n")));
        QCOMPARE(same.branch, first.branch);
        QCOMPARE(same.commit, first.commit);
        QVERIFY2(same.note.contains("already"), qPrintable(same.note));

        QTemporaryDir elsewhere;
        if (meanwhile == "the base moves") {
            repository.write("y", "2\n");
            repository.commit();
        } else if (meanwhile == "packed") {
            repository.git({"pack-refs", "--all", "--prune"});
        } else if (meanwhile == "merged") {
            repository.git({"merge", "-q", "--ff-only", first.branch});
        } else if (meanwhile == "somebody commits to it") {
            repository.git({"checkout", "-q", first.branch});
            repository.write("y", "theirs\n");
            repository.commit("By hand");
            repository.git({"checkout", "-q", "main"});
        } else if (meanwhile == "checked out") {
            repository.git({"checkout", "-q", first.branch});
        } else if (meanwhile == "checked out elsewhere") {
            repository.git({"worktree", "add", "-q", elsewhere.path() + "/w", first.branch});
        } else if (meanwhile == "a symbolic reference") {
            repository.git({"branch", "theirs", first.branch});
            repository.git({"symbolic-ref", "refs/heads/" + first.branch, "refs/heads/theirs"});
        } else if (meanwhile == "a link") {
            const QString reference = repository.path() + "/.git/refs/heads/" + first.branch;
            const QString target = elsewhere.path() + "/target";
            QVERIFY(QFile::rename(reference, target));
            QVERIFY(QFile::link(target, reference));
        }
        CommitRequest next = request("3\n");
        if (meanwhile == "another topic")
            next.continues = [](const QString &) { return false; };
        const QByteArray before = repository.git({"rev-parse", first.branch}).trimmed();
        VERIFY_RESULT(second, commitPatch(next));
        QCOMPARE(second.branch == first.branch, further);
        QCOMPARE(repository.git({"show", second.branch + ":x"}), QByteArray("3\n"));
        QCOMPARE(repository.git({"rev-parse", second.branch}).trimmed(), second.commit.toLatin1());
        if (!further) {
            QCOMPARE(repository.git({"rev-parse", first.branch}).trimmed(), before);
            return;
        }
        QVERIFY2(second.note.contains("moved on"), qPrintable(second.note));
        // What was there stays in its history, and so does the base.
        for (const QString &ancestor : {first.commit, next.baseCommit})
            repository.git({"merge-base", "--is-ancestor", ancestor, second.branch});
        QCOMPARE(repository.git({"show", second.branch + ":y"}),
                 repository.git({"show", "main:y"}));
        QCOMPARE(repository.git({"fsck", "--no-dangling"}), QByteArray());
    }

    void aCommitFromAnotherBaseIsAConflict()
    {
        Repository repository;
        repository.write("x", "foo\n");
        repository.commit();
        repository.write("x", "bar\n");
        const QByteArray diff = repository.git({"diff", "--binary", "--full-index"});
        repository.write("x", "moved\n");
        repository.commit();
        VERIFY_RESULT(patch, sealPatch(diff));
        CommitRequest request;
        request.repositoryPath = repository.path();
        request.baseCommit = QString::fromLatin1(repository.git({"rev-parse", "HEAD"}).trimmed());
        request.patch = patch;
        request.branch = "ovvoc/update-x";
        const auto result = commitPatch(request);
        QVERIFY(!result);
        QVERIFY(result.error().code == ErrorCode::Conflict);
        QVERIFY(!repository.git({"branch"}).contains("ovvoc"));
    }

    void aPatchThatBecomesSomethingElseIsRefused()
    {
        Repository repository;
        repository.write("x", "foo\n");
        repository.commit();
        repository.write("x", "bar\n");
        QByteArray diff = repository.git({"diff", "--binary", "--full-index"});
        // The blob that the patch promises is not the one it makes.
        diff.replace("+bar", "+baz");
        VERIFY_RESULT(patch, sealPatch(diff));
        CommitRequest request;
        request.repositoryPath = repository.path();
        request.baseCommit = QString::fromLatin1(repository.git({"rev-parse", "HEAD"}).trimmed());
        request.patch = patch;
        request.branch = "ovvoc/update-x";
        const auto result = commitPatch(request);
        QVERIFY(!result);
        QVERIFY(result.error().code == ErrorCode::PolicyViolation);
        QVERIFY(!repository.git({"branch"}).contains("ovvoc"));
    }

    // ---- a repository that somebody else made writes nothing outside of itself

    void noLinkInARepositoryLeadsAWriteOutOfIt_data()
    {
        QTest::addColumn<QString>("link");
        QTest::addColumn<bool>("refused");
        QTest::newRow("objects") << ".git/objects" << true;
        QTest::newRow("every folder of objects") << "objects/??" << true;
        QTest::newRow("refs") << ".git/refs" << true;
        QTest::newRow("branches") << ".git/refs/heads" << true;
        QTest::newRow("our branches") << ".git/refs/heads/ovvoc" << true;
        QTest::newRow("our branch itself") << ".git/refs/heads/ovvoc/update-x" << false;
        QTest::newRow("the branch's lock") << ".git/refs/heads/ovvoc/update-x.lock" << true;
        // No reflog is written, wherever it leads.
        QTest::newRow("reflogs") << ".git/logs" << false;
        QTest::newRow("our reflog") << ".git/logs/refs/heads/ovvoc/update-x" << false;
    }
    void noLinkInARepositoryLeadsAWriteOutOfIt()
    {
        QFETCH(QString, link);
        QFETCH(bool, refused);
        QTemporaryDir outside;
        Repository repository;
        repository.git({"config", "user.name", "$(touch /tmp/owned); x"});
        repository.git({"config", "core.logAllRefUpdates", "always"});
        repository.write("x", "foo\n");
        repository.commit();
        repository.write("x", "bar\n");
        VERIFY_RESULT(patch, sealPatch(repository.git({"diff", "--binary", "--full-index"})));
        CommitRequest request;
        request.repositoryPath = repository.path();
        request.baseCommit = QString::fromLatin1(repository.git({"rev-parse", "HEAD"}).trimmed());
        request.patch = patch;
        request.branch = "ovvoc/update-x";
        request.message = "Update x";
        const QString git = repository.path() + "/.git";
        const auto leadOut = [&](const QString &path, bool isFile) {
            const QString target = outside.path() + '/' + path.section('/', -1);
            if (QFileInfo(path).isDir())
                QCOMPARE(QProcess::execute("cp", {"-r", path, target}), 0);
            else if (!isFile)
                QDir().mkpath(target);
            QDir(path).removeRecursively();
            QDir().mkpath(QFileInfo(path).path());
            QVERIFY(QFile::link(target, path));
        };
        if (link == "objects/??") {
            for (int i = 0; i < 256; ++i)
                leadOut(git + QStringLiteral("/objects/%1").arg(i, 2, 16, QChar('0')), false);
        } else {
            const bool isFile = link.contains("update-x");
            leadOut(repository.path() + '/' + link, isFile);
        }
        const auto everything = [&] {
            QProcess list;
            list.start("find", {outside.path(), "-printf", "%p %s %T@\\n"});
            list.waitForFinished();
            return list.readAll();
        };
        const QByteArray before = everything();
        const auto result = commitPatch(request);
        QCOMPARE(everything(), before);
        QVERIFY(!QFileInfo::exists("/tmp/owned"));
        QVERIFY2(result.has_value() != refused,
                 result ? "written" : qPrintable(result.error().message));
        if (!result)
            QVERIFY2(result.error().message.contains("link")
                         || result.error().code == ErrorCode::Conflict,
                     qPrintable(result.error().message));
        else
            QVERIFY(
                !repository.git({"log", "-1", "--format=%an", result->branch}).contains("owned"));
    }

    void whereARepositoryReallyIsIsSeen()
    {
        Repository mine, theirs;
        mine.write("x", "1");
        mine.commit();
        theirs.write("secret", "2");
        theirs.commit();
        VERIFY_RESULT(own, gitFoldersOf(mine.path()));
        VERIFY_RESULT(other, gitFoldersOf(theirs.path()));
        QVERIFY(own.first() != other.first());
        // A file, a link, borrowed objects: each leads to theirs.
        QTemporaryDir folder;
        QDir().mkpath(folder.path() + "/file");
        QFile gitFile(folder.path() + "/file/.git");
        QVERIFY(gitFile.open(QIODevice::WriteOnly)
                && gitFile.write("gitdir: " + theirs.path().toUtf8() + "/.git\n") > 0);
        gitFile.close();
        QCOMPARE(gitFoldersOf(folder.path() + "/file")->first(), other.first());
        QDir().mkpath(folder.path() + "/link");
        QVERIFY(QFile::link(theirs.path() + "/.git", folder.path() + "/link/.git"));
        QCOMPARE(gitFoldersOf(folder.path() + "/link")->first(), other.first());
        QFile alternates(mine.path() + "/.git/objects/info/alternates");
        QDir().mkpath(mine.path() + "/.git/objects/info");
        QVERIFY(alternates.open(QIODevice::WriteOnly)
                && alternates.write(theirs.path().toUtf8() + "/.git/objects\n") > 0);
        alternates.close();
        QVERIFY(gitFoldersOf(mine.path())->contains(other.first()));
        // What git would understand otherwise is refused, not passed over.
        const QByteArray place = theirs.path().toUtf8() + "/.git/objects";
        for (const QByteArray &lines :
             {'"' + place + "\"\n", ' ' + place + '\n', QByteArray(70'000, '#') + '\n' + place,
              QByteArray("/nowhere\n").repeated(40) + place + '\n'}) {
            QVERIFY(alternates.open(QIODevice::WriteOnly | QIODevice::Truncate)
                    && alternates.write(lines) > 0);
            alternates.close();
            const auto found = gitFoldersOf(mine.path());
            QVERIFY2(!found || found->contains(other.first()), lines.left(60).constData());
        }
        alternates.remove();
        for (const char *name : {"objects", "refs"}) {
            const QString part = mine.path() + "/.git/" + QLatin1String(name);
            QVERIFY(QFile::rename(part, part + ".away"));
            QVERIFY(QFile::link(theirs.path() + "/.git/" + QLatin1String(name), part));
            QVERIFY2(!gitFoldersOf(mine.path()), name);
            QVERIFY(QFile::remove(part) && QFile::rename(part + ".away", part));
        }
        QVERIFY(gitFoldersOf(mine.path()));
    }

    void whatIsWrongWithARepositoryIsSaid()
    {
        Repository repository;
        repository.write("x", "1");
        repository.commit();
        QFile config(repository.path() + "/.git/config");
        QVERIFY(config.open(QIODevice::Append) && config.write("[include\n") > 0);
        config.close();
        const auto broken = openGitRepository(repository.path());
        QVERIFY(!broken);
        QVERIFY2(broken.error().message.contains("configuration"),
                 qPrintable(broken.error().message));
    }

    void aPatchMadeOutsideIsTheOneThatGitMakes()
    {
        Repository repository;
        repository.write("a/b.json", "{\n \"x\": 1\n}\n");
        repository.write("bin", QByteArray("\0\1\2", 3));
        repository.commit();
        const QByteArray before = "{\n \"x\": 1\n}\n", after = "{\n \"x\": 2\n}\n";
        repository.write("a/b.json", after);
        repository.write("bin", QByteArray("\0\1\3", 3));
        VERIFY_RESULT(
            theirs,
            sealPatch(repository.git({"diff", "--binary", "--full-index", "--no-renames"})));
        VERIFY_RESULT(ours,
                      makePatch({{"bin", 0100644, QByteArray("\0\1\2", 3), QByteArray("\0\1\3", 3)},
                                 {"a/b.json", 0100644, before, after},
                                 {"same", 0100644, "x", "x"}}));
        QCOMPARE(ours.files.size(), theirs.files.size());
        CommitRequest request;
        request.repositoryPath = repository.path();
        request.baseCommit = QString::fromLatin1(repository.git({"rev-parse", "HEAD"}).trimmed());
        request.patch = ours;
        request.branch = "ovvoc/update-x";
        VERIFY_RESULT(made, commitPatch(request));
        QCOMPARE(repository.git({"show", made.branch + ":a/b.json"}), after);
        QCOMPARE(repository.git({"show", made.branch + ":bin"}), QByteArray("\0\1\3", 3));
        QCOMPARE(repository.git({"fsck", "--strict"}).trimmed(), QByteArray());
    }
};

QTEST_GUILESS_MAIN(PatchTest)
#include "tst_patch.moc"
