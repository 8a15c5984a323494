#include "updates/classify.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QSet>
#include <algorithm>

namespace ovvoc {

namespace {

QString tr(const char *text, int n = -1)
{
    return QCoreApplication::translate("Classify", text, nullptr, n);
}

QString placesText(const QList<CodePlace> &places)
{
    QStringList texts;
    for (const CodePlace &place : places.mid(0, 3))
        texts << QStringLiteral("%1:%2").arg(place.file).arg(place.line);
    QString text = texts.join(QStringLiteral(", "));
    if (places.size() > 3)
        text += tr(" and %n more", int(places.size() - 3));
    return text;
}

/// What a line of release notes is about; 0: that cannot be told. Words of the field, in the order
/// in which they decide.
int categoryOfLine(const QString &line)
{
    static const QList<std::pair<QRegularExpression, int>> words = [] {
        const auto word = [](const char *pattern) {
            return QRegularExpression(QLatin1String(pattern),
                                      QRegularExpression::CaseInsensitiveOption);
        };
        return QList<std::pair<QRegularExpression, int>>{
            {word("\\bnode(?:\\.?js)?\\b[^\\n]{0,40}\\d|\\d[^\\n]{0,20}\\bnode(?:\\.?js)?\\b"), 22},
            {word("\\besm\\b|es[ -]modules?\\b|\\bcommonjs\\b|\\bcjs\\b"), 21},
            {word("\\btypes?\\b|\\btyp(?:ing|escript)"), 23},
            {word("\\brenam"), 7},
            {word("\\bremov|\\bdropp?(?:s|ed|ing)?\\b|no longer"), 20},
            {word("\\bdeprecat"), 11},
            {word("\\bdefaults?\\b|\\bbehaviou?r"), 25}};
    }();
    const QString start = line.left(400);
    for (const auto &[pattern, number] : words) {
        if (pattern.match(start).hasMatch())
            return number;
    }
    return 0;
}

} // namespace

QString categoryName(int number)
{
    static const char *const names[] = {
        QT_TRANSLATE_NOOP("Classify", "version only"),
        QT_TRANSLATE_NOOP("Classify", "lockfile"),
        QT_TRANSLATE_NOOP("Classify", "type stubs"),
        QT_TRANSLATE_NOOP("Classify", "security patch"),
        QT_TRANSLATE_NOOP("Classify", "development dependency"),
        QT_TRANSLATE_NOOP("Classify", "peer alignment"),
        QT_TRANSLATE_NOOP("Classify", "function rename"),
        QT_TRANSLATE_NOOP("Classify", "import path"),
        QT_TRANSLATE_NOOP("Classify", "parameters"),
        QT_TRANSLATE_NOOP("Classify", "configuration key"),
        QT_TRANSLATE_NOOP("Classify", "deprecated API"),
        QT_TRANSLATE_NOOP("Classify", "default to named export"),
        QT_TRANSLATE_NOOP("Classify", "named export rename"),
        QT_TRANSLATE_NOOP("Classify", "paradigm"),
        QT_TRANSLATE_NOOP("Classify", "architecture"),
        QT_TRANSLATE_NOOP("Classify", "middleware or plugin API"),
        QT_TRANSLATE_NOOP("Classify", "async API"),
        QT_TRANSLATE_NOOP("Classify", "error handling"),
        QT_TRANSLATE_NOOP("Classify", "syntax"),
        QT_TRANSLATE_NOOP("Classify", "removed feature"),
        QT_TRANSLATE_NOOP("Classify", "module system"),
        QT_TRANSLATE_NOOP("Classify", "runtime requirement"),
        QT_TRANSLATE_NOOP("Classify", "type system"),
        QT_TRANSLATE_NOOP("Classify", "build-tool configuration"),
        QT_TRANSLATE_NOOP("Classify", "behaviour"),
    };
    return number >= 1 && number <= int(std::size(names)) ? tr(names[number - 1]) : QString();
}

int categoryTier(int number)
{
    return number < 1 || number > 25 ? 0 : number <= 6 ? 1 : number <= 13 ? 2 : 3;
}

QString toString(UpdateStrategy strategy)
{
    switch (strategy) {
    case UpdateStrategy::VersionOnly:
        return tr("version only");
    case UpdateStrategy::Rules:
        return tr("rules");
    case UpdateStrategy::Codemod:
        return tr("codemod");
    case UpdateStrategy::ByHand:
        return tr("by hand");
    }
    return {};
}

Classification classify(const PlannedUpdate &update, const CodeReport &code,
                        const QStringList &breaking)
{
    Classification result;
    const auto add = [&](int number, const QString &reason) {
        result.categories << UpdateCategory{number, reason};
    };
    bool changed = false, codemod = false, byHand = false;
    for (const CodeChange &change : code.changes) {
        if (change.package != update.name || change.project != update.project)
            continue;
        if (!change.changed.isEmpty()) {
            changed = true;
            codemod = codemod || change.type == QLatin1String("codemod");
            add(change.category, tr("%1 (%2)").arg(change.title, placesText(change.changed)));
        }
        if (!change.byHand.isEmpty()) {
            byHand = true;
            add(change.category,
                tr("%1: to be changed by hand (%2)").arg(change.title, placesText(change.byHand)));
        }
    }
    if (!update.fixes.isEmpty())
        add(4, tr("an advisory no longer holds: %1").arg(update.fixes.first().title));
    if (update.name.startsWith(QLatin1String("@types/")))
        add(3, tr("it has types and no code"));
    if (!update.peers.isEmpty() && update.peersBefore != update.peers)
        add(6, tr("it asks others for other versions than before"));
    if (update.section == QLatin1String("devDependencies"))
        add(5, tr("only development uses it"));
    if (update.isIndirect())
        add(2, tr("the project does not name it itself: the lockfile alone moves"));
    if (update.fromRange == update.toRange && !update.fromRange.isEmpty())
        add(2, tr("the manifest stays as it is"));
    const auto use = std::ranges::find_if(code.uses, [&](const PackageUse &one) {
        return one.package == update.name && one.project == update.project;
    });
    if (!changed && !byHand) {
        if (!code.projects.contains(update.project))
            add(1, tr("the code was not looked at"));
        else if (use == code.uses.end())
            add(1,
                code.problems.isEmpty() ? tr("no import of it was found")
                                        : tr("no import of it was found in what could be read"));
        else if (update.level == UpdateLevel::Major)
            add(1,
                tr("%n file(s) import it; no rule that is known finds anything to change",
                   use->files));
        else
            add(1, tr("%n file(s) import it, and the step promises not to break them", use->files));
    }
    std::ranges::stable_sort(result.categories, [](const auto &a, const auto &b) {
        const int first = categoryTier(a.number), second = categoryTier(b.number);
        return first != second ? first > second : first > 1 && a.number > b.number;
    });
    QSet<int> told;
    for (const QString &line : breaking) {
        const int number = categoryOfLine(line);
        if (number == 0 || told.contains(number))
            continue;
        told << number;
        add(number,
            tr("its notes say: %1; whether this code is meant is not known").arg(line.left(200)));
    }
    result.strategy = byHand ? UpdateStrategy::ByHand
        : codemod            ? UpdateStrategy::Codemod
        : changed            ? UpdateStrategy::Rules
                             : UpdateStrategy::VersionOnly;
    return result;
}

} // namespace ovvoc
