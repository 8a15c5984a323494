// Rule files are read and refused with line and reason; steps find theirs; what the program in the
// image says is hostile; updates are classified.

#include "recipes/codemod.h"
#include "recipes/ruleset.h"
#include "support/testsupport.h"
#include "updates/classify.h"

#include <QDirIterator>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

QByteArray ruleFile(const QByteArray &rule)
{
    return "package: a\nfrom_version: \"1\"\nto_version: \"2\"\nsource: https://a.invalid/guide\n"
           "rules:\n"
        + rule;
}

const QByteArray goodRule = "  - id: one\n    title: one is two\n    type: function_rename\n"
                            "    target: $.one\n    to: two\n    confidence: 0.9\n";

RuleSet step(const QString &package, const QString &from, const QString &to)
{
    RuleSet set = parseRuleSet(ruleFile(goodRule)).value();
    set.package = package;
    set.fromVersion = from;
    set.toVersion = to;
    set.origin = QStringLiteral("own");
    return set;
}

PlannedUpdate update(const QString &name, const QString &from, const QString &to)
{
    PlannedUpdate one;
    one.name = name;
    one.from = from;
    one.to = to;
    one.fromRange = '^' + from;
    one.toRange = '^' + to;
    one.section = QStringLiteral("dependencies");
    one.level = UpdateLevel::Major;
    return one;
}

QByteArray answer(const QJsonObject &change, const QJsonArray &written = {})
{
    return QJsonDocument(
               QJsonObject{
                   {"steps", QJsonArray{QJsonObject{{"changes", QJsonArray{change}}}}},
                   {"written", written},
                   {"uses",
                    QJsonObject{{"a",
                                 QJsonObject{{"files", 2},
                                             {"places", QJsonArray{1, 2, 3}},
                                             {"members", QJsonObject{{"x", 1}, {"y", 5}}}}}}}})
        .toJson();
}

} // namespace

class RulesTest : public QObject
{
    Q_OBJECT

private slots:
    void everyFileOfTheProgramIsRead()
    {
        const QDir folder(QStringLiteral(RULES));
        QDirIterator files(folder.path(), {"*.yml"}, QDir::Files, QDirIterator::Subdirectories);
        int count = 0;
        QSet<QString> packages;
        qsizetype rules = 0;
        while (files.hasNext()) {
            QFile file(files.next());
            QVERIFY(file.open(QIODevice::ReadOnly));
            const auto set = parseRuleSet(file.readAll());
            QVERIFY2(set, qPrintable(file.fileName() + ": " + (set ? "" : set.error().message)));
            QVERIFY2(file.fileName().endsWith(set->package + '/' + set->fromVersion + "-to-"
                                              + set->toVersion + ".yml"),
                     qPrintable(file.fileName()));
            packages << set->package;
            rules += set->rules.size();
            ++count;
        }
        QCOMPARE(builtinRules().size(), count);
        QVERIFY2(packages.size() >= 30, qPrintable(QString::number(packages.size())));
        QVERIFY2(rules >= 150, qPrintable(QString::number(rules)));
    }

    void aWrongFileIsNamedWithLineAndReason_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("message");
        const auto changed = [](const QByteArray &from, const QByteArray &to) {
            QByteArray rule = goodRule;
            return ruleFile(rule.replace(from, to));
        };
        QTest::newRow("no yaml") << QByteArray("a: [") << QStringLiteral("line 1:");
        QTest::newRow("a list") << QByteArray("- a") << QStringLiteral("must be a map");
        QTest::newRow("unknown key")
            << changed("confidence", "trust") << QStringLiteral("line 11: unknown key \"trust\"");
        QTest::newRow("type") << changed("function_rename", "magic")
                              << QStringLiteral("line 8: type must be one of");
        QTest::newRow("confidence")
            << changed("0.9", "1.5") << QStringLiteral("line 11: confidence must be 0 to 1");
        QTest::newRow("confidence nan")
            << changed("0.9", "nan") << QStringLiteral("line 11: confidence must be 0 to 1");
        QTest::newRow("no place") << changed("target: $.one", "priority: 1")
                                  << QStringLiteral("a rule has one of target");
        QTest::newRow("two places") << changed("target: $.one", "target: $.one\n    call: $.two")
                                    << QStringLiteral("a rule has one of target");
        QTest::newRow("no action")
            << changed("    to: two\n", "") << QStringLiteral("the rule does nothing");
        QTest::newRow("id") << changed("id: one", "id: ../one")
                            << QStringLiteral("line 6: an id has letters");
        QTest::newRow("twice") << ruleFile(goodRule + goodRule)
                               << QStringLiteral("line 12: there are two rules \"one\"");
        QTest::newRow("category") << changed("type:", "category: 26\n    type:")
                                  << QStringLiteral("line 8: category must be 1 to 25");
        QTest::newRow("regular expression")
            << changed("target: $.one\n    to: two",
                       "call: $.one\n    strings:\n      - { match: \"(\", with: x }")
            << QStringLiteral("match is no regular expression");
        QTest::newRow("example") << ruleFile(goodRule + "    examples:\n      - before: x\n")
                                 << QStringLiteral("an example has before and after");
        QTest::newRow("version") << QByteArray(ruleFile(goodRule)).replace("\"2\"", "latest")
                                 << QStringLiteral("line 3: to_version must be a version");
        QTest::newRow("source") << QByteArray(ruleFile(goodRule)).replace("https", "javascript")
                                << QStringLiteral("line 4: source must be an https address");
        QTest::newRow("no rules") << QByteArray(ruleFile({})) + "  []\n"
                                  << QStringLiteral("rules must be a list");
        QTest::newRow("deep") << QByteArray(100'000, '[') << QStringLiteral("line");
        QTest::newRow("aliases") << QByteArray("a: &a [x]\nb: [*a, *a]\n")
                                 << QStringLiteral("line");
    }
    void aWrongFileIsNamedWithLineAndReason()
    {
        QFETCH(QByteArray, yaml);
        QFETCH(QString, message);
        const auto set = parseRuleSet(yaml);
        QVERIFY(!set);
        QVERIFY(set.error().code == ErrorCode::InvalidInput);
        QVERIFY2(set.error().message.contains(message), qPrintable(set.error().message));
    }

    void aCodemodIsPinnedOrRefused()
    {
        const QDir folder(QStringLiteral(CODEMODS));
        QSet<QString> used;
        for (const RuleSet &set : builtinRules()) {
            for (const CodeRule &rule : set.rules)
                used << rule.codemod;
        }
        used.remove(QString());
        const QStringList all = folder.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        QVERIFY(!all.isEmpty());
        QCOMPARE(QSet<QString>(all.begin(), all.end()), used); // and none that no rule names
        for (const QString &id : all) {
            QFile yaml(folder.filePath(id + "/codemod.yml"));
            QFile lock(folder.filePath(id + "/package-lock.json"));
            QVERIFY(yaml.open(QIODevice::ReadOnly) && lock.open(QIODevice::ReadOnly));
            const QByteArray words = yaml.readAll(), packages = lock.readAll();
            const auto codemod = parseCodemod(words, packages);
            QVERIFY2(codemod, qPrintable(id + ": " + (codemod ? "" : codemod.error().message)));
            QCOMPARE(codemod->id, id);
            QVERIFY(builtinCodemod(id));
            const QJsonObject manifest = QJsonDocument::fromJson(codemod->manifest()).object();
            QVERIFY(manifest["dependencies"].toObject().contains(codemod->package));

            const auto refused = [&](QByteArray yml, QByteArray json, const char *why) {
                const auto got = parseCodemod(yml, json);
                return !got && got.error().code == ErrorCode::InvalidInput
                    && got.error().message.contains(QLatin1String(why));
            };
            const auto with = [](QByteArray text, const char *from, const QByteArray &to) {
                return text.replace(from, to);
            };
            QVERIFY(refused(words + "run: rm\n", packages, "unknown key"));
            QVERIFY(refused(with(words, "licence: MIT", "licence: WTFPL"), packages, "licence"));
            QVERIFY(refused(with(words, "version: ", "version: 9"), packages, "version"));
            QVERIFY(refused(with(words, "node_modules/", "../"), packages, "transforms"));
            QVERIFY(refused(with(words, "https://", "http://"), packages, "https"));
            QVERIFY(refused(words, with(packages, "\"sha512-", "\"sha1-"), "integrity"));
            QVERIFY(refused(words, with(packages, "\"license\":", "\"resolved\":"), "address"));
            QVERIFY(refused(words, "{}", "version 3"));
            QVERIFY(refused("[", packages, "line"));
        }
    }

    void aRuleOfACodemodSaysWhichAndOfWhat()
    {
        const QByteArray rule = "  - id: one\n    title: t\n    type: codemod\n    category: 17\n"
                                "    codemod: next\n    transform: next-async-request-api\n"
                                "    file_pattern: [\"*.ts\"]\n    mentions: [cookies]\n"
                                "    confidence: 0.9\n";
        VERIFY_RESULT(set, parseRuleSet(ruleFile(rule)));
        const CodeRule one = set.rules.value(0);
        QVERIFY(one.isCodemod());
        QCOMPARE(one.category, 17);
        QVERIFY2(one.title.contains("@next/codemod"), qPrintable(one.title));
        QVERIFY(set.program["rules"].toArray().isEmpty()); // not for the program in the image
        const auto refused = [&](const char *from, const char *to, const char *why) {
            const auto got = parseRuleSet(ruleFile(QByteArray(rule).replace(from, to)));
            return !got && got.error().message.contains(QLatin1String(why));
        };
        QVERIFY(refused("codemod: next", "codemod: other", "codemod must be one of"));
        QVERIFY(refused("next-async-request-api", "../../evil", "no name of a transform"));
        QVERIFY(refused("next-async-request-api", "a b", "no name of a transform"));
        QVERIFY(refused("    category: 17\n", "", "says its category"));
        QVERIFY(refused("[cookies]", "cookies", "mentions must be a list"));
        QVERIFY(refused("    file_pattern: [\"*.ts\"]\n", "", "file_pattern"));
        QVERIFY(refused("confidence: 0.9", "confidence: 0.9\n    target: $.x", "unknown key"));
    }

    void aRuleThatAddsAPackageSaysWhichAndWhen()
    {
        const QByteArray rule = "  - id: one\n    title: t\n    type: dependency_change\n"
                                "    add: \"@s/more\"\n    range: same\n"
                                "    file_pattern: [\"*.js\"]\n    mentions: [jsdom]\n"
                                "    confidence: 0.9\n";
        VERIFY_RESULT(set, parseRuleSet(ruleFile(rule)));
        QVERIFY(set.rules.value(0).addsDependency());
        QCOMPARE(set.rules.value(0).category, 6);
        QVERIFY(set.program["rules"].toArray().isEmpty());
        const auto refused = [&](const char *from, const char *to, const char *why) {
            const auto got = parseRuleSet(ruleFile(QByteArray(rule).replace(from, to)));
            return !got && got.error().message.contains(QLatin1String(why));
        };
        QVERIFY(refused("@s/more", "../more", "name of a package"));
        QVERIFY(refused("@s/more", "a b", "name of a package"));
        QVERIFY(refused("range: same", "range: latest", "a range of versions"));
        QVERIFY(
            refused("range: same", "range: \"https://x.invalid/a.tgz\"", "a range of versions"));
        QVERIFY(refused("    range: same\n", "", "range must be text"));
        QVERIFY(refused("    mentions: [jsdom]\n", "", "mentions"));
    }

    void whatACodemodMadeIsHeldToItsFiles()
    {
        const QList<RuleSet> steps{parseRuleSet(ruleFile(goodRule)).value()};
        const QStringList files{"a.js", "b.js"};
        CodemodRun run;
        run.rule = QStringLiteral("one");
        run.folder = QStringLiteral("/work/copy");
        run.files = QStringList{"a.js"};
        const auto answered = [](const QJsonArray &codemods, const QJsonArray &written = {"a.js"}) {
            return QJsonDocument(QJsonObject{{"steps", QJsonArray{QJsonObject()}},
                                             {"codemods", codemods},
                                             {"written", written}})
                .toJson();
        };
        const auto made = [](const char *file, const char *rule = "one") {
            const QJsonObject place{{"rule", rule}, {"file", file}, {"line", 3}};
            return QJsonObject{{"changes", QJsonArray{place}}, {"byHand", QJsonArray{place}}};
        };
        VERIFY_RESULT(report, parseCodeReport(answered({made("a.js")}), {}, files, steps, {run}));
        QCOMPARE(report.changes.size(), 1);
        QCOMPARE(report.changes[0].changed.size(), 1);
        QCOMPARE(report.changes[0].byHand.size(), 1);
        const auto refused = [&](const QByteArray &json) {
            const auto got = parseCodeReport(json, {}, files, steps, {run});
            return !got && got.error().code == ErrorCode::PolicyViolation;
        };
        QVERIFY(refused(answered({made("c.js")})));
        QVERIFY(refused(answered({made("a.js", "two")})));
        QVERIFY(refused(answered({})));
        QVERIFY(refused(answered({made("a.js"), made("a.js")})));

        VERIFY_RESULT(meant, parseLaidOut("{\"meant\": [\"b.js\"]}", files));
        QCOMPARE(meant, QStringList{"b.js"});
        QVERIFY(!parseLaidOut("{\"meant\": [\"/etc/passwd\"]}", files));
        QVERIFY(parseLaidOut("nothing", files)->isEmpty());
    }

    void aFolderOfOnesOwnIsReadFileByFile()
    {
        QTemporaryDir folder;
        const auto write = [&](const QString &name, const QByteArray &bytes) {
            QDir().mkpath(QFileInfo(folder.filePath(name)).path());
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(bytes);
        };
        write("a/1-to-2.yml", ruleFile(goodRule));
        write("b.yml", "package: 1");
        write("notes.txt", "x");
        QVERIFY(QFile::link(folder.filePath("a/1-to-2.yml"), folder.filePath("link.yml")));
        const RuleFolder read = readRules(folder.path());
        QCOMPARE(read.sets.size(), 1);
        QCOMPARE(read.sets[0].origin, folder.filePath("a/1-to-2.yml"));
        QCOMPARE(read.problems.size(), 1);
        QVERIFY2(read.problems[0].startsWith("b.yml: line "), qPrintable(read.problems[0]));
        QCOMPARE(readRules(folder.filePath("none")).problems.size(), 1);
        QVERIFY(readRules({}).problems.isEmpty());
    }

    void aStepFindsTheRulesThatItCrosses()
    {
        const QList<RuleSet> own{step("p", "2", "3"), step("p", "1", "2"), step("p", "3", "4"),
                                 step("p", "0.32", "0.33"), step("q", "1", "2")};
        const auto crossed = [&](const QString &from, const QString &to) {
            QStringList steps;
            for (const RuleSet &set : rulesForStep("p", from, to, own))
                steps << set.toVersion;
            return steps.join(' ');
        };
        QCOMPARE(crossed("1.4.0", "3.0.1"), QStringLiteral("2 3"));
        QCOMPARE(crossed("1.0.0", "1.9.0"), QString());
        QCOMPARE(crossed("2.0.0", "2.1.0"), QString());
        QCOMPARE(crossed("3.9.9", "4.0.0"), QStringLiteral("4"));
        QCOMPARE(crossed("1.0.0", "4.0.0-beta.1"), QStringLiteral("2 3 4"));
        QCOMPARE(crossed("0.32.1", "0.33.0"), QStringLiteral("0.33"));
        QCOMPARE(crossed("x", "2.0.0"), QString());
        // An agency's own takes the place of the program's.
        const QList<RuleSet> mine{step("express", "4", "5")};
        QCOMPARE(rulesForStep("express", "4.21.2", "5.1.0", mine).value(0).origin,
                 QStringLiteral("own"));
        QCOMPARE(rulesForStep("express", "4.21.2", "5.1.0", mine).size(), 1);
        QVERIFY(rulesForStep("express", "4.21.2", "5.1.0").value(0).origin.isEmpty());
    }

    void whatTheProgramSaysIsReadAndHeldToTheFiles()
    {
        const QList<RuleSet> steps{parseRuleSet(ruleFile(goodRule)).value()};
        const QStringList files{"a.js", "b.js"};
        const QJsonObject change{{"rule", "one"}, {"file", "a.js"}, {"line", 3}};
        VERIFY_RESULT(report,
                      parseCodeReport(answer(change, {"a.js", "a.js"}), "web", files, steps));
        QCOMPARE(report.written, QStringList{"a.js"});
        QCOMPARE(report.changes.size(), 1);
        QCOMPARE(report.changes[0].project, QStringLiteral("web"));
        QCOMPARE(report.changes[0].changed, (QList<CodePlace>{{"a.js", 3, {}}}));
        QCOMPARE(report.changes[0].category, 7);
        QCOMPARE(report.uses.size(), 1);
        QCOMPARE(report.uses[0].places, 3);
        QCOMPARE(report.uses[0].members, (QStringList{"y", "x"}));

        const auto refused = [&](const QByteArray &json) {
            const auto got = parseCodeReport(json, {}, files, steps);
            return !got && got.error().code == ErrorCode::PolicyViolation;
        };
        QJsonObject other = change;
        other["file"] = QStringLiteral("../a.js");
        QVERIFY(refused(answer(other)));
        other = change;
        other["rule"] = QStringLiteral("two");
        QVERIFY(refused(answer(other)));
        QVERIFY(refused(answer(change, {"c.js"})));
        QVERIFY(refused("[]"));
        QVERIFY(refused("{\"steps\": []}"));
        QVERIFY(refused(QByteArray(100'000, '[')));
        QVERIFY(refused("\xff\xfe"));
    }

    void whatCanNoLongerBeLoadedIsAPlaceForAPerson()
    {
        const QStringList files{"a.js"};
        const auto read = [&](const QJsonArray &broken) {
            return parseCodeReport(QJsonDocument(QJsonObject{{"steps", QJsonArray()},
                                                             {"broken", broken},
                                                             {"uses", QJsonObject()}})
                                       .toJson(),
                                   "web", files, {});
        };
        const QJsonArray places{QJsonObject{{"file", "a.js"}, {"line", 3}, {"text", "got"}}};
        VERIFY_RESULT(
            report,
            read(
                {QJsonObject{
                     {"package", "got"}, {"kind", "es-module"}, {"sure", true}, {"places", places}},
                 QJsonObject{
                     {"package", "ms"}, {"kind", "es-module"}, {"sure", false}, {"places", places}},
                 QJsonObject{{"package", "x"}, {"kind", "what"}, {"places", places}},
                 QJsonObject{{"package", "b"},
                             {"kind", "not-exported"},
                             {"sure", true},
                             {"places", places}}}));
        QCOMPARE(report.changes.size(), 3);
        QCOMPARE(report.changes[0].byHand, (QList<CodePlace>{{"a.js", 3, {}}}));
        QCOMPARE(report.changes[2].byHand, (QList<CodePlace>{{"a.js", 3, "got"}}));
        QVERIFY(report.changes[1].byHand.isEmpty() && report.changes[1].unsure.size() == 1);
        report.projects = QStringList{"web"};
        PlannedUpdate got = update("got", "11.0.0", "14.0.0");
        got.project = "web";
        const Classification is = classify(got, report);
        QCOMPARE(is.categories.first().number, 21); // module system
        QVERIFY(is.strategy == UpdateStrategy::ByHand);
        VERIFY_RESULT(
            missing,
            read({QJsonObject{
                {"package", "ms"}, {"kind", "no-such-name"}, {"sure", true}, {"places", places}}}));
        QCOMPARE(missing.changes.value(0).category, 20); // removed feature
        QCOMPARE(missing.changes.value(0).byHand, (QList<CodePlace>{{"a.js", 3, "got"}}));
        got.name = "ms"; // of what only looks like it nothing is claimed
        QVERIFY(classify(got, report).strategy == UpdateStrategy::VersionOnly);
        // It may name no other file.
        QVERIFY(!read(
            {QJsonObject{{"package", "got"},
                         {"kind", "es-module"},
                         {"places", QJsonArray{QJsonObject{{"file", "../b.js"}, {"line", 1}}}}}}));
    }

    void anUpdateHasItsCategoriesHardestFirst()
    {
        PlannedUpdate one = update("a", "1.0.0", "2.0.0");
        one.section = QStringLiteral("devDependencies");
        one.fixes << Advisory{"a", "high", "hole", {}, {}, true, {}};
        CodeChange rename;
        rename.package = "a";
        rename.title = "x is y";
        rename.category = 7;
        rename.changed << CodePlace{"a.js", 1, {}};
        CodeChange gone = rename;
        gone.category = 20;
        gone.changed.clear();
        gone.byHand << CodePlace{"b.js", 2, "no successor"};
        // What was seen of the root's code, with these changes.
        const auto seen = [](const QList<CodeChange> &changes) {
            CodeReport code;
            code.projects << QString();
            code.uses << PackageUse{{}, "a", 4, 9, {}};
            code.changes = changes;
            return code;
        };

        const Classification bare = classify(one, seen({}));
        QVERIFY(bare.strategy == UpdateStrategy::VersionOnly);
        QStringList reasons;
        for (const UpdateCategory &category : bare.categories)
            reasons << QString::number(category.number) + ' ' + category.reason;
        QVERIFY2(reasons.join('\n').contains("4 file(s)") || reasons.join('\n').contains("4 files"),
                 qPrintable(reasons.join('\n')));
        QVERIFY(classify(one, seen({rename})).strategy == UpdateStrategy::Rules);
        const Classification both = classify(one, seen({rename, gone}));
        QVERIFY(both.strategy == UpdateStrategy::ByHand);
        QList<int> numbers;
        for (const UpdateCategory &category : both.categories)
            numbers << category.number;
        QCOMPARE(numbers, (QList<int>{20, 7, 4, 5}));
        // What the release notes say comes last, once for each kind, and decides nothing.
        const Classification noted = classify(
            one, seen({rename}),
            {"**Breaking:** Drop support for Node.js 16", "removes `foo()`", "no longer has bar",
             "renamed a to b", "this package is now pure ESM", "thanks to everybody"});
        QVERIFY(noted.strategy == UpdateStrategy::Rules);
        numbers.clear();
        for (const UpdateCategory &category : noted.categories)
            numbers << category.number;
        QCOMPARE(numbers, (QList<int>{7, 4, 5, 22, 20, 7, 21}));
        QVERIFY(noted.categories[3].reason.contains("Node.js 16"));
        // Another package's changes are none of this one's; what was not read is not judged.
        rename.package = "b";
        QVERIFY(classify(one, seen({rename})).strategy == UpdateStrategy::VersionOnly);
        QVERIFY(classify(one, {}).categories.last().reason.contains("not looked at"));
        CodeReport empty;
        empty.projects << QString();
        QVERIFY(
            classify(one, empty).categories.last().reason.contains("no import of it was found"));
        // Nothing is said of what could not be read, nor of another project.
        empty.problems << CodePlace{"b.js", 0, "is no text"};
        QVERIFY(classify(one, empty).categories.last().reason.contains("in what could be read"));
        empty.projects = QStringList{"web"};
        QVERIFY(classify(one, empty).categories.last().reason.contains("not looked at"));
        for (int number = 1; number <= 25; ++number) {
            QVERIFY(!categoryName(number).isEmpty());
            QCOMPARE(categoryTier(number), number <= 6 ? 1 : number <= 13 ? 2 : 3);
        }
        QVERIFY(categoryName(0).isEmpty() && categoryName(26).isEmpty());
    }
};

QTEST_GUILESS_MAIN(RulesTest)
#include "tst_rules.moc"
