#include "updates/versionrange.h"

#include <QRegularExpression>
#include <QStringList>
#include <algorithm>

namespace ovvoc {

namespace {

constexpr qsizetype longest = 500;

/// "1", "1.2", "1.x", "1.2.3-beta.1", "*".
struct Partial
{
    int given = 0; ///< how many numbers stand there: 0 to 3
    Semver version;
};

std::optional<Partial> partial(const QString &text)
{
    QString rest = text;
    if (rest.startsWith('v') || rest.startsWith('='))
        rest = rest.mid(1);
    if (const auto whole = Semver::parse(rest))
        return Partial{3, *whole};
    Partial result;
    const QStringList parts = rest.split('.');
    if (parts.size() > 3)
        return std::nullopt;
    quint64 *numbers[] = {&result.version.major, &result.version.minor, &result.version.patch};
    bool open = false;
    for (qsizetype i = 0; i < parts.size(); ++i) {
        const QString &part = parts[i];
        if (part == QLatin1String("x") || part == QLatin1String("X")
            || part == QLatin1String("*")) {
            open = true;
            continue;
        }
        bool number = false;
        const quint64 value = part.toULongLong(&number);
        if (!number || open || part.size() > 15)
            return std::nullopt;
        *numbers[i] = value;
        ++result.given;
    }
    return result;
}

/// The first version that is no longer meant by a partial one.
Semver after(const Partial &part)
{
    Semver next = part.version;
    next.prerelease.clear();
    if (part.given == 1)
        return {next.major + 1, 0, 0, {}};
    return {next.major, next.minor + 1, 0, {}};
}

/// Puts "> =1" together to ">=1", as npm reads it.
QString joined(const QString &text)
{
    QString out;
    bool pending = false;
    for (const QChar c : text.simplified()) {
        const bool sign = QStringLiteral("<>=~^").contains(c);
        if (c == ' ' && pending)
            continue;
        out += c;
        pending = sign;
    }
    return out;
}

} // namespace

bool VersionRange::addComparators(QList<Comparator> &set, const QString &text)
{
    using Op = Comparator::Operator;
    static const QStringList operators{">=", "<=", ">", "<", "=", "^", "~>", "~"};
    QString op;
    for (const QString &one : operators) {
        if (text.startsWith(one)) {
            op = one;
            break;
        }
    }
    const auto found = partial(text.mid(op.size()));
    if (!found)
        return false;
    const Partial part = *found;
    const Semver &v = part.version;
    const auto below = [&set](const Semver &end) {
        // Prereleases of the end are not meant either.
        Semver first = end;
        first.prerelease = QStringLiteral("0");
        set << Comparator{Op::Less, first};
    };
    if (part.given == 0)
        return op != QLatin1String("<") && op != QLatin1String(">");
    if (op == QLatin1String("^")) {
        set << Comparator{Op::GreaterEqual, v};
        if (v.major > 0 || part.given == 1)
            below({v.major + 1, 0, 0, {}});
        else if (v.minor > 0 || part.given == 2)
            below({0, v.minor + 1, 0, {}});
        else
            below({0, 0, v.patch + 1, {}});
    } else if (op.startsWith('~')) {
        set << Comparator{Op::GreaterEqual, v};
        below(part.given == 1 ? Semver{v.major + 1, 0, 0, {}}
                              : Semver{v.major, v.minor + 1, 0, {}});
    } else if (op == QLatin1String(">=")) {
        set << Comparator{Op::GreaterEqual, v};
    } else if (op == QLatin1String("<")) {
        if (part.given == 3)
            set << Comparator{Op::Less, v};
        else
            below(v);
    } else if (op == QLatin1String(">")) {
        set << (part.given == 3 ? Comparator{Op::Greater, v}
                                : Comparator{Op::GreaterEqual, after(part)});
    } else if (op == QLatin1String("<=")) {
        if (part.given == 3)
            set << Comparator{Op::LessEqual, v};
        else
            below(after(part));
    } else if (part.given == 3) {
        set << Comparator{Op::Equal, v};
    } else {
        set << Comparator{Op::GreaterEqual, v};
        below(after(part));
    }
    return true;
}

std::optional<VersionRange> VersionRange::parse(const QString &text)
{
    if (text.size() > longest)
        return std::nullopt;
    VersionRange range;
    for (const QString &alternative : text.split(QStringLiteral("||"))) {
        QList<Comparator> set;
        const QString clean = alternative.simplified();
        if (const qsizetype dash = clean.indexOf(QLatin1String(" - ")); dash > 0) {
            if (!addComparators(set, ">=" + clean.left(dash).trimmed())
                || !addComparators(set, "<=" + clean.mid(dash + 3).trimmed()))
                return std::nullopt;
        } else {
            for (const QString &word : joined(clean).split(' ', Qt::SkipEmptyParts)) {
                if (!addComparators(set, word))
                    return std::nullopt;
            }
        }
        range.m_alternatives << set;
    }
    return range;
}

bool VersionRange::contains(const Semver &version) const
{
    using Op = Comparator::Operator;
    const auto holds = [&version](const Comparator &one) {
        const auto order = version <=> one.version;
        switch (one.op) {
        case Op::Less:
            return order < 0;
        case Op::LessEqual:
            return order <= 0;
        case Op::Greater:
            return order > 0;
        case Op::GreaterEqual:
            return order >= 0;
        case Op::Equal:
            return order == 0;
        }
        return false;
    };
    const auto named = [&version](const Comparator &one) {
        return !one.version.prerelease.isEmpty() && one.version.major == version.major
            && one.version.minor == version.minor && one.version.patch == version.patch;
    };
    return std::any_of(m_alternatives.begin(), m_alternatives.end(), [&](const auto &set) {
        return std::all_of(set.begin(), set.end(), holds)
            && (version.prerelease.isEmpty() || std::any_of(set.begin(), set.end(), named));
    });
}

std::optional<bool> inRange(const Semver &version, const QString &range)
{
    const auto parsed = VersionRange::parse(range);
    return parsed ? std::optional<bool>(parsed->contains(version)) : std::nullopt;
}

namespace {

/// One word of a range, and the space that may stand behind its sign ("> =1" is no word).
struct Spaced
{
    QString text; ///< without that space
    QString gap;
    QString with(const QString &other) const
    {
        static const QRegularExpression sign(QStringLiteral("^[<>=~^]+"));
        const qsizetype at = sign.match(other).capturedLength();
        return other.left(at) + gap + other.mid(at);
    }
};

QList<Spaced> spacedWords(const QString &range)
{
    static const QRegularExpression word(QStringLiteral("([<>=~^]*)(\\s*)([^\\s<>=~^]\\S*)"));
    QList<Spaced> words;
    for (auto it = word.globalMatch(range); it.hasNext();) {
        const auto match = it.next();
        const bool sign = match.capturedLength(1) > 0;
        words << Spaced{match.captured(1) + match.captured(3),
                        sign ? match.captured(2) : QString()};
    }
    return words;
}

/// One word of a range, raised: "^1.2.3", "~1.2", "1.x", "=1.2.3", "4", ">=1", "<2".
std::optional<QString> raisedWord(const QString &word, const Semver &to, bool alreadyAllows)
{
    static const QRegularExpression form(
        QStringLiteral("^(\\^|~>|~|>=|<=|<|>|=|v)?(\\d{1,15}|[xX*])(?:\\.(\\d{1,15}|[xX*]))?(?:\\.("
                       "\\d{1,15}|[xX*])(?:"
                       "[-+][0-9A-Za-z.+-]{1,100})?)?\\z"));
    const auto match = form.match(word);
    if (!match.hasMatch())
        return std::nullopt;
    const QString op = match.captured(1);
    QString numbers[] = {match.captured(2), match.captured(3), match.captured(4)};
    const bool any =
        numbers[0] == QLatin1String("*") || numbers[0].compare("x", Qt::CaseInsensitive) == 0;
    const bool whole = !numbers[2].isEmpty() && numbers[2][0].isDigit();
    if (any || op == QLatin1String(">") || (op == QLatin1String(">=") && alreadyAllows)
        || (alreadyAllows && !whole && op != QLatin1String("^") && !op.startsWith('~')))
        return word;
    if (op == QLatin1String("<")) {
        if (alreadyAllows)
            return word;
        // The bound as coarse as it was: a major one stays one.
        const bool ofMajor = (numbers[1].isEmpty() || numbers[1] == QLatin1String("0"))
            && (numbers[2].isEmpty() || numbers[2] == QLatin1String("0"));
        const bool ofMinor = numbers[2].isEmpty() || numbers[2] == QLatin1String("0");
        const Semver bound = ofMajor ? Semver{to.major + 1, 0, 0, {}}
            : ofMinor                ? Semver{to.major, to.minor + 1, 0, {}}
                                     : Semver{to.major, to.minor, to.patch + 1, {}};
        QString text = op + QString::number(bound.major);
        if (!numbers[1].isEmpty())
            text += '.' + QString::number(bound.minor);
        if (!numbers[2].isEmpty())
            text += '.' + QString::number(bound.patch);
        return text;
    }
    if (op == QLatin1String("<=") && alreadyAllows)
        return word;
    const quint64 values[] = {to.major, to.minor, to.patch};
    QString text = op;
    for (int i = 0; i < 3 && !numbers[i].isEmpty(); ++i) {
        const QString dot = i > 0 ? QStringLiteral(".") : QString();
        text += dot + (numbers[i][0].isDigit() ? QString::number(values[i]) : numbers[i]);
    }
    if (whole && !to.prerelease.isEmpty())
        text += '-' + to.prerelease;
    return text;
}

/// The end of "10 - 11" means all of 11: with as many parts as it had.
QString asCoarseAs(const QString &end, const QString &version)
{
    static const QRegularExpression partial(QStringLiteral("^\\s*v?\\d+(?:\\.\\d+)?\\s*$"));
    if (!partial.match(end).hasMatch())
        return version;
    const int parts = end.contains('.') ? 2 : 1;
    return version.section('.', 0, parts - 1);
}

} // namespace

QString raisedRange(const QString &range, const QString &version, bool alreadyAllows)
{
    const auto to = Semver::parse(version);
    const QString fallback = alreadyAllows ? range : QString('^' + version);
    if (!to || range.size() > longest)
        return fallback;
    const QString clean = range.trimmed();
    if (clean.isEmpty() || clean == QLatin1String("*") || clean == QLatin1String("latest"))
        return range;
    if (clean.contains(QLatin1String("||"))) {
        if (alreadyAllows)
            return range;
        const QString last = clean.section(QStringLiteral("||"), -1).trimmed();
        const QString more = raisedRange(last, version, false);
        const bool spaced = clean.contains(QLatin1String(" || "));
        return clean + QLatin1String(spaced ? " || " : "||") + more;
    }
    if (const qsizetype dash = clean.indexOf(QLatin1String(" - ")); dash > 0)
        return alreadyAllows ? range
                             : clean.left(dash + 3) + asCoarseAs(clean.mid(dash + 3), version);
    const QList<Spaced> words = spacedWords(clean);
    if (words.size() == 1) {
        const auto raised = raisedWord(words[0].text, *to, alreadyAllows);
        return raised ? words[0].with(*raised) : fallback;
    }
    if (alreadyAllows)
        return range;
    QString text;
    for (const Spaced &word : words) {
        // A lower bound stays: only what stops the new version moves.
        const bool lower = word.text.startsWith('>');
        const auto one =
            lower ? std::optional<QString>(word.text) : raisedWord(word.text, *to, false);
        if (!one)
            return fallback;
        text += (text.isEmpty() ? QString() : QStringLiteral(" ")) + word.with(*one);
    }
    const auto check = VersionRange::parse(text);
    return check && check->contains(*to) ? text : fallback;
}

} // namespace ovvoc
