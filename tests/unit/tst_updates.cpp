// Versions, ranges, what a person asks for, and what a project's files say, hostile ones too.

#include "base/text.h"
#include "cell/filetree.h"
#include "recipes/recipe.h"
#include "updates/choose.h"
#include "updates/groups.h"
#include "updates/manifestedit.h"
#include "updates/testreport/testreport.h"
#include "updates/versionrange.h"
#include "updates/yamledit.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTest>

using namespace ovvoc;

/// Leaves the test function unless the Result \a expr has a value, which becomes \a name.
#define VERIFY_RESULT(name, expr)                                                                  \
    auto name##Result = (expr);                                                                    \
    QVERIFY2(name##Result.has_value(),                                                             \
             name##Result ? "" : qPrintable(name##Result.error().message));                        \
    auto name = std::move(*name##Result)

class UpdatesTest : public QObject
{
    Q_OBJECT
private slots:
    void versionsAreOrderedAsTheStandardSays()
    {
        // https://semver.org/ section 11, its own example, and around it.
        const char *const ordered[] = {
            "0.0.1",      "0.9.0",        "1.0.0-alpha",   "1.0.0-alpha.1", "1.0.0-alpha.beta",
            "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",    "1.0.0",
            "1.0.1",      "1.2.0",        "1.10.0",        "2.0.0",         "999999999999999.0.0"};
        for (std::size_t i = 0; i + 1 < std::size(ordered); ++i) {
            const auto a = Semver::parse(ordered[i]), b = Semver::parse(ordered[i + 1]);
            QVERIFY2(a && b, ordered[i]);
            QVERIFY2(*a < *b, ordered[i]);
        }
        QVERIFY(*Semver::parse("v1.2.3+build") == *Semver::parse("1.2.3"));
        for (const char *bad : {"", "1", "1.2", "1.2.x", "a.b.c", "1.2.3.4", "-1.0.0", "1.2.3-",
                                "99999999999999999999.0.0", "1.2.3 ", "01.2.3"})
            QVERIFY2(!Semver::parse(bad), bad);
    }

    void aSelectionIsUnderstoodOrRefused()
    {
        QVERIFY(parseSelection("all")->package.isEmpty());
        QCOMPARE(parseSelection("@a/b@1.2.3")->package, QString("@a/b"));
        QCOMPARE(parseSelection("@a/b@1.2.3")->version, QString("1.2.3"));
        QCOMPARE(parseSelection("ms@latest")->version, QString());
        for (const char *bad : {"--ignore-scripts=false", "a b", "ms@", "ms@^1", "@a", "../x",
                                "https://x.invalid/x.tgz", "git+ssh://x", "a;b", "ms@1.2"})
            QVERIFY2(!parseSelection(bad), bad);
    }

    void branchNamesAreSafeWhateverAPackageIsCalled_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"ms", "@scope/name", "..", "a..b", "x.lock", "-x", "a b~^:?*[\\",
                                 "\xe2\x9c\x93", "@{-1}", "a\nb"})
            QTest::newRow(name) << QString::fromUtf8(name);
    }
    void branchNamesAreSafeWhateverAPackageIsCalled()
    {
        QFETCH(QString, name);
        static const QRegularExpression safe(
            "^ovvoc/(update|updates|group)-[A-Za-z0-9][A-Za-z0-9._-]*$");
        for (const QString &topic : {topicOfPackage(name), "named " + name, name}) {
            const QString branch = branchNameOf(topic);
            QVERIFY2(safe.match(branch).hasMatch(), qPrintable(branch));
            QVERIFY(!branch.contains("..") && !branch.endsWith(".lock") && !branch.endsWith('.'));
        }
    }

    void severalNamesAreEachTakenOrRefused()
    {
        UpdateSelection selection;
        selection.packages = {"a", "typo"};
        QVERIFY(selection.namesPackages());
        SurveyProject project;
        project.manager = "npm";
        project.covered = true;
        project.hasTests = true;
        for (const char *name : {"a", "b"}) {
            SurveyDependency dependency;
            dependency.name = name;
            dependency.kind = "registry";
            dependency.section = "dependencies";
            dependency.current = QStringList{"1.0.0"};
            dependency.latest = "1.1.0";
            SurveyVersion version;
            version.text = "1.1.0";
            version.version = *Semver::parse("1.1.0");
            version.level = UpdateLevel::Minor;
            dependency.versions << version;
            SurveyPlace place;
            place.file = "package.json";
            place.path = QStringList{"dependencies", name};
            place.range = "^1.0.0";
            place.moves = true;
            dependency.places << place;
            project.dependencies << dependency;
        }
        Survey survey;
        survey.projects << project;
        // What nobody has is said, not passed over.
        const auto refused = choosePlan(survey, selection);
        QVERIFY(!refused && refused.error().message.contains("typo"));
        selection.packages = QStringList{"a"};
        selection.exclude = QStringList{"*"}; // who names it wants it
        selection.skips << Skip{"a", {}, {}};
        VERIFY_RESULT(plan, choosePlan(survey, selection));
        QCOMPARE(plan.updates.size(), 1);
        QCOMPARE(plan.updates[0].name, QString("a"));
    }

    void whatIsSkippedComesBackWithSomethingNewer()
    {
        UpdateSelection selection;
        for (const char *text : {"ms@2.1.3", "react until 2027-01-31", "@a/b",
                                 "x@1.0.0 until "
                                 "2026-12-01"}) {
            const auto skip = parseSkip(text);
            QVERIFY2(skip.has_value(), text);
            QCOMPARE(toString(*skip), QString(text));
            selection.skips << *skip;
        }
        const QDate today(2026, 11, 26);
        const auto skipped = [&](const char *name, const char *version, QDate day) {
            return selection.skipOf(name, version, day) != nullptr;
        };
        QVERIFY(skipped("ms", "2.1.3", today));
        QVERIFY(skipped("ms", "2.1.2", today));
        QVERIFY(!skipped("ms", "2.1.4", today));
        QVERIFY(!skipped("mss", "2.1.3", today));
        QVERIFY(skipped("react", "99.0.0", today));
        QVERIFY(!skipped("react", "19.0.0", QDate(2027, 1, 31)));
        QVERIFY(skipped("@a/b", "9.9.9", today.addYears(20)));
        QVERIFY(skipped("x", "1.0.0", today) && !skipped("x", "1.0.0", QDate(2026, 12, 1)));
        for (const char *bad :
             {"", "all", "a b", "ms@^1", "ms until", "ms until soon", "ms until 2026-02-30", "*"})
            QVERIFY2(!parseSkip(bad), bad);
    }

    void aManifestIsChangedInPlaceAndNowhereElse()
    {
        const QByteArray text = "\xef\xbb\xbf{\r\n\t\"dependencies\": {\"a\": \"^1.0.0\", "
                                "\"b\":\"1\"},\r\n \"devDependencies\" : { \"a\" : \"~1.0.0\" },"
                                "\r\n \"x\": [1, {\"dependencies\": {\"a\": \"^1.0.0\"}}] }";
        UpdatePlace place{"package.json", {"devDependencies", "a"}, "~1.0.0", "2.0.0", "~2.0.0"};
        VERIFY_RESULT(changed, withPlaces(text, {place}, false));
        QCOMPARE(changed, QByteArray(text).replace("~1.0.0", "~2.0.0"));
        // Several at once, in any order, and a name with what JSON escapes.
        UpdatePlace other{"package.json", {"dependencies", "a"}, "^1.0.0", "2.0.0", "^2.0.0"};
        VERIFY_RESULT(both, withPlaces(text, {place, other}, false));
        QCOMPARE(both.count("2.0.0"), 2);
        QCOMPARE(both.size(), text.size());
        place.path = {"peerDependencies", "a"};
        QVERIFY(!withPlaces(text, {place}, false));
        place = other;
        place.before = "^9.0.0";
        QVERIFY(!withPlaces(text, {place}, false));
        for (const char *bad : {"", "{", "{\"dependencies\":", "[1,", "{\"a\":1}}", "{\"a\" 1}"})
            QVERIFY2(!withPlaces(bad, {other}, false), bad);
        QVERIFY(!withPlaces(QByteArray(100'000, '['), {other}, false));
    }

    void aDependencyIsAddedAsItsNeighboursAre()
    {
        const auto with = [](const QByteArray &text, const char *name) {
            const auto made = withDependency(text, "devDependencies", name, "^1.0.0");
            return made ? *made : made.error().message.toUtf8();
        };
        const QByteArray text =
            "\xef\xbb\xbf{\r\n\t\"name\": \"x\",\r\n\t\"devDependencies\" : {\r\n"
            "\t\t\"b\" : \"1\",\r\n\t\t\"d\" : \"2\"\r\n\t}\r\n}\r\n";
        QCOMPARE(with(text, "c"),
                 QByteArray(text).replace("\t\t\"d\"", "\t\t\"c\" : \"^1.0.0\",\r\n\t\t\"d\""));
        QCOMPARE(with(text, "@s/a"),
                 QByteArray(text).replace("\t\t\"b\"", "\t\t\"@s/a\" : \"^1.0.0\",\r\n\t\t\"b\""));
        QCOMPARE(with(text, "z"),
                 QByteArray(text).replace("\"2\"", "\"2\",\r\n\t\t\"z\" : \"^1.0.0\""));
        QCOMPARE(with(text, "b"), text); // there already
        // Out of order, the new one is the last; on one line it stays there.
        QCOMPARE(with("{\"devDependencies\":{\"z\":\"1\",\"a\":\"1\"}}", "c"),
                 QByteArray("{\"devDependencies\":{\"z\":\"1\",\"a\":\"1\",\"c\":\"^1.0.0\"}}"));
        QCOMPARE(with("{\"devDependencies\": { \"z\": \"1\" } }", "c"),
                 QByteArray("{\"devDependencies\": { \"c\": \"^1.0.0\", \"z\": \"1\" } }"));
        // Only the section at the top, whatever is named alike.
        QVERIFY(with("{\"x\": {\"devDependencies\": {\"a\": \"1\"}}}", "c").contains("nothing in"));
        QVERIFY(with("{\"devDependencies\": {}}", "c").contains("nothing in"));
        QVERIFY(with("{\"devDependencies\": {\"a\": \"1\"", "c").contains("JSON"));
    }

    void aYamlFileIsChangedInPlaceAndNowhereElse()
    {
        const QByteArray text =
            "# top\r\npackages:\r\n  - 'a/*'\r\ncatalog:\r\n  ms: ^2.0.0 # why\r\n"
            "  '@a/b': \"~1.0.0\"\r\n  x: '>=1 <2'\r\ncatalogs: {old: {ms: 1.0.0, y: 1.0.0}}\r\n";
        const UpdatePlace ms{"w.yaml", {"catalog", "ms"}, "^2.0.0", "2.1.0", "^2.1.0"};
        const UpdatePlace scoped{"w.yaml", {"catalog", "@a/b"}, "~1.0.0", "1.2.0", "~1.2.0"};
        const UpdatePlace range{"w.yaml", {"catalog", "x"}, ">=1 <2", "2.0.0", ">=1 <3"};
        const UpdatePlace old{"w.yaml", {"catalogs", "old", "ms"}, "1.0.0", "2.1.0", "2.1.0"};
        VERIFY_RESULT(changed, withYamlPlaces(text, {range, old, ms, scoped}, false));
        QCOMPARE(changed,
                 QByteArray(text)
                     .replace("^2.0.0", "^2.1.0")
                     .replace("~1.0.0", "~1.2.0")
                     .replace("<2", "<3")
                     .replace("{ms: 1.0.0", "{ms: 2.1.0"));
        VERIFY_RESULT(exact, withYamlPlaces(text, {ms, scoped}, true));
        QVERIFY(exact.contains("  ms: 2.1.0 # why") && exact.contains("'@a/b': \"1.2.0\""));
        // What reads as something else when it stands plain is quoted.
        UpdatePlace star = ms;
        star.after = ">=3";
        VERIFY_RESULT(quoted, withYamlPlaces(text, {star}, false));
        QVERIFY(quoted.contains("ms: '>=3' # why"));
        // The last of two counts, as for the managers; a place that is not there is no success.
        VERIFY_RESULT(twice, withYamlPlaces("catalog:\n  ms: 1.0.0\n  ms: ^2.0.0\n", {ms}, false));
        QCOMPARE(twice, QByteArray("catalog:\n  ms: 1.0.0\n  ms: ^2.1.0\n"));
        for (const char *bad : {"", "catalog: 1", "catalog: {ms: 1.0.0}",
                                "catalog:\n  ms: |\n    ^2.0.0\n", "catalog:\n  ms: &a ^2.0.0\n",
                                "catalog: [", "a: *b", "catalog:\n  ms: \"^2.0\\x2e0\"\n"})
            QVERIFY2(!withYamlPlaces(bad, {ms}, false), bad);
        QVERIFY(!withYamlPlaces(QByteArray(100'000, '['), {ms}, false));
        QVERIFY(!withYamlPlaces(QByteArray(2 << 20, ' '), {ms}, false));
        UpdatePlace hostile = ms;
        hostile.after = "1'\nx: y";
        QVERIFY(!withYamlPlaces(text, {hostile}, false));
    }

    void everyManagerThatTheSurveyNamesHasARecipe()
    {
        for (const char *name : {"npm", "pnpm", "yarn-classic", "yarn-berry"}) {
            VERIFY_RESULT(recipe, builtinRecipe(name));
            QCOMPARE(recipe.name, QString(name));
            QVERIFY(hasRecipe(name));
            // What npm.yml says holds for all that extend it.
            QVERIFY(recipe.proves.contains("jest.config.*"));
            QCOMPARE(recipe.gateEnvironment.value("npm_config_ignore_scripts"), QString("true"));
            QCOMPARE(recipe.environment.value("HOME"), QString("/tmp/home"));
            QVERIFY(!recipe.transform.isEmpty() && !recipe.build.isEmpty()
                    && !recipe.test.isEmpty());
        }
        QVERIFY(!hasRecipe("bun"));
        QVERIFY(!builtinRecipe("bun"));
    }

    void rangesMeanWhatNpmMeans_data()
    {
        QTest::addColumn<QString>("range");
        QTest::addColumn<QStringList>("in");
        QTest::addColumn<QStringList>("out");
        const auto row = [](const char *range, QStringList in, QStringList out) {
            QTest::newRow(range) << QString(range) << in << out;
        };
        row("^1.2.3", {"1.2.3", "1.9.0"}, {"1.2.2", "2.0.0", "2.0.0-rc.1", "1.3.0-beta"});
        row("^0.2.3", {"0.2.3", "0.2.9"}, {"0.3.0", "0.2.2"});
        row("^0.0.3", {"0.0.3"}, {"0.0.4"});
        row("^0.0", {"0.0.9"}, {"0.1.0"});
        row("^1", {"1.9.9"}, {"2.0.0"});
        row("~1.2.3", {"1.2.9"}, {"1.3.0"});
        row("~1", {"1.9.9"}, {"2.0.0"});
        row("1.x", {"1.0.0", "1.9.9"}, {"2.0.0"});
        row("1.2", {"1.2.9"}, {"1.3.0"});
        row("*", {"0.0.1", "9.9.9"}, {"1.0.0-rc.1"});
        row("", {"1.0.0"}, {});
        row("=1.2.3", {"1.2.3"}, {"1.2.4"});
        row(">=1.2 <2.1", {"1.2.0", "2.0.9"}, {"2.1.0", "1.1.9"});
        row("> 1.2.3", {"1.2.4"}, {"1.2.3"});
        row("<=2", {"2.9.9"}, {"3.0.0"});
        row("10.0.0 - 11.0.0", {"10.0.0", "11.0.0"}, {"11.0.1"});
        row("1.0.0 - 2", {"2.9.9"}, {"3.0.0"});
        row("^6.3.0 || ^7.3.0", {"6.4.0", "7.3.0"}, {"8.0.0", "7.2.9"});
        row("^16.8.5 || ^17.0.0 || ^18.0.0", {"18.3.1"}, {"19.0.0"});
        row("^1.2.3-beta.2", {"1.2.3-beta.4", "1.2.3", "1.9.0"}, {"1.2.4-beta.2", "1.2.3-beta.1"});
    }
    void rangesMeanWhatNpmMeans()
    {
        QFETCH(QString, range);
        QFETCH(QStringList, in);
        QFETCH(QStringList, out);
        const auto parsed = VersionRange::parse(range);
        QVERIFY(parsed);
        for (const QString &version : in)
            QVERIFY2(parsed->contains(*Semver::parse(version)), qPrintable(version));
        for (const QString &version : out)
            QVERIFY2(!parsed->contains(*Semver::parse(version)), qPrintable(version));
    }

    void whatIsNoRangeIsNone()
    {
        for (const char *bad : {"latest", "git+ssh://x", "1.2.3.4", "^", "a || b", "1..2"})
            QVERIFY2(!VersionRange::parse(bad), bad);
        QVERIFY(!VersionRange::parse(QString(501, '1')));
    }

    void aRangeKeepsItsShape_data()
    {
        QTest::addColumn<QString>("range");
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *range, const char *to, const char *expected) {
            QTest::newRow(range) << QString(range) << QString(to) << QString(expected);
        };
        row("^1.2.3", "2.3.4", "^2.3.4");
        row("~9.0", "14.2.1", "~14.2");
        row("3.x", "6.0.2", "6.x");
        row("4", "5.1.0", "5");
        row("=9.0.1", "11.0.9", "=11.0.9");
        row("9.0.1", "11.0.9", "11.0.9");
        row(">=4.1.0 <4.3.0", "4.4.3", ">=4.1.0 <4.5.0");
        row(">=4 <5", "6.1.0", ">=4 <7");
        row("= 1.0.0", "2.0.5", "= 2.0.5");
        row("~> 3.0", "5.0.1", "~> 5.0");
        row("^ 1.2.3", "2.0.0", "^ 2.0.0");
        row(">= 5.0.0 < 6", "6.0.3", ">= 5.0.0 < 7");
        row(">= 5.0.0 <6.0.0", "6.0.3", ">= 5.0.0 <7.0.0");
        row("10.0.0 - 11.0.0", "15.1.0", "10.0.0 - 15.1.0");
        row("10 - 11", "13.1.0", "10 - 13");
        row("6.5.0 - 6.9", "6.17.1", "6.5.0 - 6.17");
        row("^6.3.0 || ^7.3.0", "8.0.1", "^6.3.0 || ^7.3.0 || ^8.0.1");
        row("*", "3.0.0", "*");
        row(">=1.0.0", "3.0.0", ">=1.0.0");
        row("~1.2.3-beta.1", "2.0.0", "~2.0.0");
    }
    void aRangeKeepsItsShape()
    {
        QFETCH(QString, range);
        QFETCH(QString, to);
        QFETCH(QString, expected);
        const auto before = VersionRange::parse(range);
        const bool allows = before && before->contains(*Semver::parse(to));
        const QString raised = raisedRange(range, to, allows);
        QCOMPARE(raised, expected);
        QVERIFY(VersionRange::parse(raised)->contains(*Semver::parse(to)));
    }

    void belowOneAMinorStepMayBreak()
    {
        const auto level = [](const char *a, const char *b) {
            return levelBetween(*Semver::parse(a), *Semver::parse(b));
        };
        QVERIFY(level("0.2.3", "0.3.0") == UpdateLevel::Major);
        QVERIFY(level("0.2.3", "0.2.4") == UpdateLevel::Patch);
        QVERIFY(level("0.0.3", "0.0.4") == UpdateLevel::Major);
        QVERIFY(level("1.2.3", "1.3.0") == UpdateLevel::Minor);
    }

    // ---- choosing

    static QJsonObject version(const char *text, QJsonObject more = {})
    {
        more["version"] = text;
        return more;
    }
    static QJsonObject dependency(const char *name, const char *current, QJsonArray versions,
                                  QJsonObject more = {})
    {
        more["name"] = name;
        more["kind"] = "registry";
        more["section"] = "dependencies";
        more["current"] = QJsonArray{current};
        more["wanted"] = current;
        if (!versions.isEmpty())
            more["latest"] = versions.last().toObject()["version"];
        more["versions"] = versions;
        if (!more.contains("places"))
            more["places"] = QJsonArray{QJsonObject{{"file", "package.json"},
                                                    {"path", QJsonArray{"dependencies", name}},
                                                    {"range", '^' + QString(current)},
                                                    {"moves", true}}};
        return more;
    }
    static Survey surveyOf(QJsonArray dependencies, QJsonObject more = {})
    {
        more["manager"] = QJsonObject{{"name", "npm"}, {"covered", true}};
        more["lockfile"] = QJsonObject{{"file", "package-lock.json"}, {"readable", true}};
        more["dependencies"] = dependencies;
        more["hasTests"] = true;
        const QJsonObject document{{"survey", 1}, {"projects", QJsonArray{more}}};
        const auto survey = parseSurvey(QJsonDocument(document).toJson());
        if (!survey)
            qFatal("%s", qPrintable(survey.error().message));
        return *survey;
    }
    static QString moved(const UpdatePlan &plan, const char *name)
    {
        for (const PlannedUpdate &update : plan.updates) {
            if (update.name == name)
                return update.to;
        }
        return {};
    }
    static QString leftOut(const UpdatePlan &plan, const char *name)
    {
        for (const SkippedUpdate &skipped : plan.skipped) {
            if (skipped.name == name)
                return skipped.reason;
        }
        return {};
    }

    void theLevelTheAgeAndTheNodeDecide()
    {
        const Survey survey = surveyOf(
            {dependency("a", "1.0.0", {version("1.0.1"), version("1.1.0"), version("2.0.0")}),
             dependency("young", "1.0.0",
                        {version("1.0.1", {{"ageDays", 30}}), version("1.0.2", {{"ageDays", 1}})}),
             dependency(
                 "node", "1.0.0",
                 {version("1.1.0"), version("1.2.0", {{"fits", false}, {"engines", ">=99"}})}),
             dependency("zero", "0.1.0", {version("0.2.0")}),
             dependency("old", "1.0.0", {version("1.0.1", {{"deprecated", "do not"}})})});
        UpdateSelection selection;
        selection.level = UpdateLevel::Minor;
        selection.cooldownDays = 3;
        VERIFY_RESULT(plan, choosePlan(survey, selection));
        QCOMPARE(moved(plan, "a"), QString("1.1.0"));
        QCOMPARE(moved(plan, "young"), QString("1.0.1"));
        QVERIFY(leftOut(plan, "young").contains("1.0.2"));
        QCOMPARE(moved(plan, "node"), QString("1.1.0"));
        QCOMPARE(moved(plan, "zero"), QString());
        QVERIFY(leftOut(plan, "zero").contains("level"));
        QCOMPARE(moved(plan, "old"), QString());
    }

    void whatLiesBetweenIsTriedByLines()
    {
        QJsonArray versions;
        for (const char *one : {"1.1.0", "2.0.0", "2.1.0", "2.2.0", "3.0.0", "3.1.0", "3.1.1"})
            versions << version(one);
        for (const char *one : {"4.0.0", "4.1.0", "4.1.1", "4.2.0"})
            versions << version(one);
        const Survey survey =
            surveyOf({dependency("far", "1.0.0", versions),
                      dependency("near", "1.0.0", {version("1.1.0"), version("1.2.0")}),
                      dependency("old", "1.0.0",
                                 {version("2.0.0", {{"deprecated", "do not"}}), version("2.1.0"),
                                  version("3.0.0")})});
        VERIFY_RESULT(plan, choosePlan(survey, {}));
        QHash<QString, QStringList> between;
        for (const PlannedUpdate &update : std::as_const(plan.updates))
            between.insert(update.name, update.between);
        QCOMPARE(between["far"], (QStringList{"4.1.1", "3.1.1", "3.0.0", "2.2.0"}));
        QCOMPARE(between["near"], QStringList());
        QCOMPARE(between["old"], QStringList{"2.1.0"});
    }

    void theRepositorysOwnMinimumAgeHolds()
    {
        QJsonObject young =
            dependency("young", "1.0.0",
                       {version("1.0.1", {{"ageDays", 30}}), version("1.0.2", {{"ageDays", 5}})});
        young["minimumAgeDays"] = 7;
        QJsonObject excepted =
            dependency("excepted", "1.0.0", {version("1.0.2", {{"ageDays", 5}})});
        QJsonObject waiting = dependency("waiting", "1.0.0", {version("1.0.2", {{"ageDays", 5}})});
        waiting["minimumAgeDays"] = 7;
        const Survey survey = surveyOf({young, excepted, waiting});
        UpdateSelection selection;
        selection.cooldownDays = 3;
        VERIFY_RESULT(plan, choosePlan(survey, selection));
        QCOMPARE(moved(plan, "young"), QString("1.0.1"));
        QCOMPARE(moved(plan, "excepted"), QString("1.0.2"));
        QCOMPARE(moved(plan, "waiting"), QString());
        QVERIFY2(leftOut(plan, "waiting").contains("takes none before 7"),
                 qPrintable(leftOut(plan, "waiting")));
        // Whichever is longer: the client's own setting is not made shorter.
        selection.cooldownDays = 60;
        VERIFY_RESULT(later, choosePlan(survey, selection));
        QCOMPARE(moved(later, "young"), QString());
        QVERIFY2(leftOut(later, "young").contains("waits 60"), qPrintable(leftOut(later, "young")));
    }

    void peersHoldBackWhatTheyDoNotTake()
    {
        // react-beautiful-dnd's own story, and a plugin that cannot go before its host does.
        const QJsonObject dndPeers{{"react", "^16.8.5 || ^17.0.0 || ^18.0.0"}};
        const auto react = [](const char *v) {
            return version(v, {{"peers", QJsonObject{{"react", '^' + QString(v)}}}});
        };
        const Survey survey = surveyOf(
            {dependency("react", "17.0.1",
                        {version("17.0.2"), version("18.3.1"), version("19.3.1")}),
             dependency("react-dom", "17.0.1", {react("17.0.2"), react("18.3.1"), react("19.3.1")}),
             dependency("dnd", "13.1.0", {version("13.1.1", {{"peers", dndPeers}})},
                        {{"currentPeers", dndPeers}}),
             dependency("host", "8.0.0", {}),
             dependency("plugin", "1.0.0",
                        {version("1.1.0", {{"peers", QJsonObject{{"host", "^8"}}}}),
                         version("2.0.0", {{"peers", QJsonObject{{"host", "^9"}}}})})});
        VERIFY_RESULT(plan, choosePlan(survey, {}));
        QCOMPARE(moved(plan, "react"), QString("18.3.1"));
        QCOMPARE(moved(plan, "react-dom"), QString("18.3.1"));
        QCOMPARE(moved(plan, "dnd"), QString("13.1.1"));
        QVERIFY2(leftOut(plan, "react").contains("dnd"), qPrintable(leftOut(plan, "react")));
        QCOMPARE(moved(plan, "plugin"), QString("1.1.0"));
        QVERIFY(leftOut(plan, "plugin").contains("host ^9"));
    }

    void whatCannotBeJudgedStaysWithItsReasonAndStopsNothing()
    {
        const auto reason = [](const char *code, const char *text) {
            return QJsonObject{{"reasonCode", code}, {"reason", text}};
        };
        const Survey survey =
            surveyOf({dependency("a", "1.0.0", {version("1.0.1")}),
                      dependency("tool", "1.0.0", {}, reason("git", "It comes from git.")),
                      dependency("@acme/kit", "1.0.0", {},
                                 reason("private-registry", "From npm.acme.invalid")),
                      dependency("broken", "not-a-version\nFixes #1", {version("2.0.0")}),
                      dependency("a b", "1.0.0", {version("2.0.0")})});
        VERIFY_RESULT(plan, choosePlan(survey, {}));
        QCOMPARE(plan.updates.size(), 1);
        QCOMPARE(moved(plan, "a"), QString("1.0.1"));
        QVERIFY(leftOut(plan, "tool").contains("git"));
        QVERIFY(leftOut(plan, "@acme/kit").contains("npm.acme.invalid"));
        QVERIFY(!leftOut(plan, "broken").isEmpty());
        QVERIFY(!leftOut(plan, "a b").isEmpty());
    }

    void aProjectThatCannotBeReadIsSaidAndTheOthersGoOn()
    {
        const QJsonArray problems{
            QJsonObject{{"code", "nul-bytes"}, {"text", "package.json has NUL bytes in line 3."}}};
        const auto bad = parseSurvey(
            QJsonDocument(
                QJsonObject{{"survey", 1},
                            {"projects",
                             QJsonArray{QJsonObject{
                                 {"path", ""},
                                 {"manager", QJsonObject{{"name", "npm"}, {"covered", true}}},
                                 {"problems", problems}}}}})
                .toJson());
        QVERIFY(bad);
        const auto plan = choosePlan(*bad, {});
        QVERIFY(!plan);
        QVERIFY(plan.error().message.contains("NUL"));
        const ScanReport report = scanReport(*bad);
        QVERIFY(!report.advisoriesChecked);
        QVERIFY(report.notes.join(' ').contains("NUL"));
        for (const char *none : {"", "{}", "[]", "{\"survey\":2}", "null", "{\"survey\":1"})
            QVERIFY2(!parseSurvey(none), none);
        QVERIFY(!choosePlan(*parseSurvey("{\"survey\":1}"), {}));
    }

    // ---- text at the doors

    void textFromOutsideActsOnNothing()
    {
        const QString evil = QStringLiteral("a\x1b]0;title\x07|b\u202ec\u009bd\r\nFixes #1 @owner "
                                            "https://evil.invalid www.evil.invalid <b>GH-12");
        for (const QString &out : {oneLine(evil), visibleText(evil), markdownText(evil)}) {
            QVERIFY(!out.contains(QChar(0x1b)) && !out.contains(QChar(0x07))
                    && !out.contains(QChar(0x202e)) && !out.contains(QChar(0x9b)));
        }
        QVERIFY(!oneLine(evil).contains('\n'));
        const QString markdown = markdownText(evil);
        QVERIFY(!markdown.contains("#1") && !markdown.contains("@owner")
                && !markdown.contains("https://") && !markdown.contains("www.evil")
                && !markdown.contains("GH-12") && markdown.contains("\\|")
                && markdown.contains("\\<b"));
        QCOMPARE(markdownCode("a|b`c"), QString("`` a\\|b`c ``"));
        const QByteArray json = jsonLine({{"x", evil}});
        QVERIFY(!json.contains("\xe2\x80\xae") && !json.contains("\xc2\x9b"));
        QCOMPARE(QJsonDocument::fromJson(json).object()["x"].toString(), evil);
    }

    void whatIsInAFolderIsReadOrRefused()
    {
        const QByteArray hash(64, 'a');
        const QByteArray text = "f 3 " + hash + " a b\nc" + '\0' + "l 1 " + hash + " x" + '\0';
        VERIFY_RESULT(tree, FileTree::parse(text));
        QCOMPARE(tree.entries.size(), 2);
        QVERIFY(tree.entries.contains("a b\nc"));
        FileTree later = tree;
        later.entries["x"].sha256 = "other";
        later.entries.remove("a b\nc");
        later.entries.insert("new", {});
        QCOMPARE(later.changedSince(tree), (QStringList{"a b\nc", "x"}));
        QCOMPARE(later.addedSince(tree), QStringList{"new"});
        for (const QByteArray &bad : {QByteArray("f 3 x"), QByteArray("f x h p\0", 8),
                                      QByteArray("\0", 1), QByteArray("ff 1 h p\0", 9)})
            QVERIFY(!FileTree::parse(bad));
    }

    // ---- hostile output: each reader ends, whatever it is given

    void noOutputHoldsAReaderUp_data()
    {
        QTest::addColumn<QByteArray>("output");
        const auto many = [](const QByteArray &line, int count) { return line.repeated(count); };
        QTest::newRow("TAP with two million blanks")
            << "TAP version 13\n" + many("ok 1 - " + QByteArray(500'000, ' ') + "x\n", 4);
        QTest::newRow("blanks before a duration")
            << many("  \xe2\x9c\x94 " + QByteArray(1'900, ' ') + "(1ms\n", 4'000);
        QTest::newRow("one endless line") << QByteArray(16 * 1024 * 1024, 'a');
        QTest::newRow("dots and colons") << "FAIL x\n  \xe2\x97\x8f a\n"
                + many("    at " + QByteArray(1'900, '.') + ":\n", 4'000) + "Tests:  1 failed\n";
        QTest::newRow("a million lines") << many("ok\n", 1'000'000);
        QTest::newRow("escapes") << many("\x1b[", 2'000'000);
        QTest::newRow("marks") << many("    \xe2\x9c\x93 " + QByteArray(1'900, '(') + "\n", 4'000);
    }
    void noOutputHoldsAReaderUp()
    {
        QFETCH(QByteArray, output);
        // Ends at all: the reader's own limit is seconds, a quadratic one would take hours.
        (void)readTestOutput(output, "/work/repo");
    }

    // Every recorded output, cut at many places and with bytes flipped: no reader may crash, hang,
    // or report more tests than there are lines.
    void testReadersSurviveDamagedOutput()
    {
        const QDir folder(TEST_DATA "/testoutput");
        const QStringList files = folder.entryList({"*.txt"}, QDir::Files);
        QVERIFY(files.size() >= 6);
        for (const QString &name : files) {
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray text = file.readAll();
            QVERIFY2(readTestOutput(text, "/work/repo"), qPrintable(name));
            const auto lines = text.count('\n') + 1;
            for (qsizetype cut = 0; cut < text.size(); cut += 37) {
                QByteArray damaged = text.left(cut);
                for (int variant = 0; variant < 2; ++variant) {
                    const auto summary = readTestOutput(damaged, "/work/repo");
                    QVERIFY(!summary || summary->total() <= lines);
                    for (qsizetype i = cut % 11; i < damaged.size(); i += 53)
                        damaged[i] = char(damaged[i] ^ 0x55);
                }
            }
        }
    }

    void aTestThatPrintsWhatARunnerPrintsDoesNotHideAFailure()
    {
        // A program can write anything; the exit code decides, and a failure that was seen stays.
        const QByteArray output = "TAP version 13\nnot ok 1 - real\n# tests 1\n# pass 1\n# fail 0\n"
                                  "1..1\n";
        const auto summary = readTestOutput(output, "/work/repo");
        QVERIFY(summary);
        QCOMPARE(summary->failed, 1);
        // Nor does one that prints what another runner prints.
        for (const char *more : {"\n  1 passing (1ms)\n", "\n  ✔ x\n\n  1 test passed\n",
                                 "1 spec, 0 failures\n", "Tests:       1 passed, 1 total\n"}) {
            const auto both = readTestOutput(output + more, "/work/repo");
            QVERIFY2(both && both->failed >= 1, more);
        }
    }

    void tapeIsRead()
    {
        QFile file(TEST_DATA "/testoutput/tape.txt");
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto summary = readTestOutput(file.readAll(), "/work/repo");
        QVERIFY(summary);
        QVERIFY(summary->failed >= 1);
        QVERIFY(summary->passed >= 1);
        QVERIFY(!summary->failures().first().name.isEmpty());
    }

    void patchesAndOverridesInTheWayAreNamed()
    {
        const auto unused = explainInstallFailure(" ERR_PNPM_UNUSED_PATCH  The following patches "
                                                  "were not used: left-pad@1.1.3\n\nEither\n");
        QVERIFY(unused && unused->message.contains("(left-pad@1.1.3)"));
        const auto overridden = explainInstallFailure(
            "npm error code EOVERRIDE\n"
            "npm error Override for ms@2.1.3 conflicts with direct dependency\n");
        QVERIFY(overridden && overridden->message.contains("against ms@2.1.3"));
        // npm's own new lockfile, of which an optional part cannot be had: nobody is out of step.
        const auto absent = explainInstallFailure(
            "npm error code EUSAGE\nnpm error `npm ci` can only install packages when your "
            "package.json and package-lock.json are in sync.\nnpm error Missing: "
            "@a/lefthook-arm64@ from lock file\n");
        QVERIFY(absent && absent->code == ErrorCode::CommandFailed
                && absent->message.startsWith("@a/lefthook-arm64 cannot be had"));
        const auto outOfStep = explainInstallFailure(
            "npm error code EUSAGE\nnpm error are in sync\nnpm error Missing: ms@2.1.3 from lock "
            "file\n");
        QVERIFY(outOfStep && outOfStep->message.contains("out of step"));
    }

    void aMissingTarballIsNamedAsAPackage()
    {
        const auto message = [](const char *line) {
            const auto known = explainInstallFailure(QByteArray("npm error code E404\n") + line);
            return known ? known->message : QString();
        };
        QVERIFY(
            message(
                "npm error 404 Not Found - GET https://r.invalid/top-sites/-/top-sites-1.1.225.tgz "
                "- Not found\n")
                .startsWith("top-sites@1.1.225 does not exist"));
        QVERIFY(message("npm error 404 Not Found - GET "
                        "https://r.invalid/npm/@acme%2ftool/-/tool-2.0.0-rc.1.tgz\n")
                    .startsWith("@acme/tool@2.0.0-rc.1 does not exist"));
        QVERIFY(
            message("npm error 404 Not Found - GET https://r.invalid/@acme/tool/-/tool-2.0.0.tgz\n")
                .startsWith("@acme/tool@2.0.0 does not exist"));
        // What was fetched well before is not what is missing.
        QVERIFY(!message("npm http fetch GET 200 https://r.invalid/ms/-/ms-2.0.0.tgz 12ms\n"
                         "npm error 404 'gone@1.0.0' is not in this registry.\n")
                     .contains("ms@2.0.0"));
    }
};

QTEST_GUILESS_MAIN(UpdatesTest)
#include "tst_updates.moc"
