// The patch policy refuses what an update may never do.

#include "patch/sealedpatch.h"

#include <QTest>

using namespace ovvoc;

class PatchTest : public QObject
{
    Q_OBJECT
private slots:
    void unsafePathsAreRefused()
    {
        for (const char *path : {"../x", "/etc/passwd", ".git/config", "a/.GIT/hooks/x", "a\\b",
                                 ".github/workflows/ci.yml", "git~1/config", ".git ./x", "a//b"})
            QVERIFY2(!unsafePathReason(path).isEmpty(), path);
        QVERIFY(unsafePathReason("package.json").isEmpty());
    }
    void onlyPlannedFilesPass()
    {
        const QByteArray diff = "diff --git a/x.js b/x.js\nindex "
                                "257cc5642cb1a054f08cc83f2d943e56fd3ebe99.."
                                "5716ca5987cbf97d6bb54920bea6adde242d87e6 100644\n"
                                "--- a/x.js\n+++ b/x.js\n@@ -1 +1 @@\n-foo\n+bar\n";
        const auto patch = sealPatch(diff);
        QVERIFY2(patch, patch ? "" : qPrintable(patch.error().message));
        QVERIFY(checkPolicy(*patch, PatchPolicy{{"x.js"}}));
        QVERIFY(!checkPolicy(*patch, PatchPolicy{{"package.json"}}));
    }
    void aModeChangeIsRefused()
    {
        QVERIFY(!sealPatch("diff --git a/x.js b/x.js\nold mode 100644\nnew mode 100755\n"));
    }
    void nonsenseIsRefused()
    {
        QVERIFY(!sealPatch("this is no diff"));
        QVERIFY(!sealPatch(QByteArray(6 * 1024 * 1024, 'x')));
    }
};

QTEST_GUILESS_MAIN(PatchTest)
#include "tst_patch.moc"
