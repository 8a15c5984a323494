// The command line's manners: help, wrong words, completions, the manual page. Runs the program.

#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

class CommandLineTest : public QObject
{
    Q_OBJECT
    struct Answer
    {
        int code = -1;
        QString out, errors;
    };
    static Answer ask(const QStringList &arguments)
    {
        QProcess program;
        program.start(QCoreApplication::applicationDirPath() + "/ovvoc", arguments);
        if (!program.waitForFinished(30'000))
            qFatal("it did not end");
        return {program.exitCode(), QString::fromUtf8(program.readAllStandardOutput()),
                QString::fromUtf8(program.readAllStandardError())};
    }
    static QStringList commands()
    {
        static const QRegularExpression line(QStringLiteral("^  ([a-z][a-z-]*)  "),
                                             QRegularExpression::MultilineOption);
        QStringList names;
        for (auto it = line.globalMatch(ask({"--help"}).out); it.hasNext();)
            names << it.next().captured(1);
        return names;
    }

private slots:
    void everyCommandExplainsItself()
    {
        const QStringList all = commands();
        QVERIFY2(all.contains("run") && all.contains("rotate-key") && all.size() > 15,
                 qPrintable(all.join(' ')));
        for (const QString &command : all) {
            for (const QStringList &asked :
                 {QStringList{"help", command}, QStringList{command, "--help"},
                  QStringList{command, "-h"}}) {
                const Answer answer = ask(asked);
                QCOMPARE(answer.code, 0);
                QVERIFY2(answer.out.startsWith("Usage: ovvoc " + command + ' '),
                         qPrintable(answer.out));
                QVERIFY(answer.out.contains("Exit codes") && answer.errors.isEmpty());
            }
        }
        // Of that command, and not of the others.
        QVERIFY(!ask({"help", "skip"}).out.contains("rotate-key"));
        QVERIFY(ask({"help", "scan"}).out.contains("--memory"));
    }

    void aWrongWordIsAnswered_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QString>("meant");
        QTest::newRow("a letter missing") << QStringList{"scn"} << "`ovvoc scan`";
        QTest::newRow("two letters swapped") << QStringList{"rnu"} << "`ovvoc run`";
        QTest::newRow("a beginning") << QStringList{"reg", "list"} << "`ovvoc registry`";
        QTest::newRow("of help") << QStringList{"help", "setings"} << "`ovvoc settings`";
        QTest::newRow("an option") << QStringList{"run", "--updte", "ms"} << "--update";
        QTest::newRow("nothing near") << QStringList{"zzzz"} << "See `ovvoc --help`";
        QTest::newRow("no option near") << QStringList{"run", "--zzzzzz"} << "See `ovvoc --help`";
        QTest::newRow("very long") << QStringList{QString(5000, 'x')} << "See `ovvoc --help`";
    }
    void aWrongWordIsAnswered()
    {
        QFETCH(const QStringList, words);
        QFETCH(const QString, meant);
        const Answer answer = ask(words);
        QCOMPARE(answer.code, 2);
        QVERIFY2(answer.errors.contains(meant), qPrintable(answer.errors));
        QVERIFY(answer.out.isEmpty());
    }

    void completionsKnowWhatTheHelpKnows_data()
    {
        QTest::addColumn<QString>("shell");
        for (const char *shell : {"bash", "zsh", "fish"})
            QTest::newRow(shell) << shell;
    }
    void completionsKnowWhatTheHelpKnows()
    {
        QFETCH(const QString, shell);
        const Answer answer = ask({"completion", shell});
        QCOMPARE(answer.code, 0);
        for (const QString &command : commands())
            QVERIFY2(answer.out.contains(command), qPrintable(command));
        QVERIFY(answer.out.contains("accept-build-only"));
        if (shell != "bash")
            return;
        // In a real shell: the commands that begin so, and what follows one of them.
        QTemporaryDir folder;
        QFile file(folder.filePath("ovvoc"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(answer.out.toUtf8());
        file.close();
        const auto completed = [&](const QString &line, int at) {
            QProcess bash;
            bash.start("bash",
                       {"-c",
                        QStringLiteral(". %1; COMP_WORDS=(%2); COMP_CWORD=%3; _ovvoc; "
                                       "echo \"${COMPREPLY[*]}\"")
                            .arg(file.fileName(), line)
                            .arg(at)});
            bash.waitForFinished();
            return QString::fromUtf8(bash.readAllStandardOutput()).trimmed();
        };
        QCOMPARE(completed("ovvoc ru", 1), "run rules runs");
        QCOMPARE(completed("ovvoc settings s", 2), "show set");
        QCOMPARE(completed("ovvoc run --accept-b", 2), "--accept-build-only");
    }

    /// What a completion offers after a command, its help knows.
    void everyVerbIsInTheHelp()
    {
        static const QRegularExpression line(QStringLiteral("^ +([a-z-]+)\\) words=\"([^\"]*)\""),
                                             QRegularExpression::MultilineOption);
        int seen = 0;
        for (auto it = line.globalMatch(ask({"completion", "bash"}).out); it.hasNext();) {
            const auto match = it.next();
            const QString help = ask({"help", match.captured(1)}).out;
            for (const QString &verb : match.captured(2).split(' ')) {
                QVERIFY2(help.contains(verb), qPrintable(match.captured(1) + ' ' + verb));
                ++seen;
            }
        }
        QVERIFY(seen > 40);
    }

    void theManualPageIsRoff()
    {
        const Answer answer = ask({"man"});
        QCOMPARE(answer.code, 0);
        QVERIFY(answer.out.startsWith(".TH OVVOC 1"));
        for (const QString &command : commands())
            QVERIFY2(answer.out.contains(QString(command).replace('-', "\\-")),
                     qPrintable(command));
        // No line of the help becomes a command of roff.
        static const QRegularExpression macro(QStringLiteral("^\\.(?!TH|SH|B|BR|TP|nf|fi)"),
                                              QRegularExpression::MultilineOption);
        QVERIFY(!macro.match(answer.out).hasMatch());
    }
};

QTEST_GUILESS_MAIN(CommandLineTest)
#include "tst_commandline.moc"
