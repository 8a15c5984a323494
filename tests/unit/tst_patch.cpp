// The sealed patch, what its policy refuses, and what a commit made from it leaves alone.

#include "patch/commit.h"
#include "patch/sealedpatch.h"
#include "support/testsupport.h"

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
};

QTEST_GUILESS_MAIN(PatchTest)
#include "tst_patch.moc"
