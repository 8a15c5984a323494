#include "updates/manifestedit.h"

#include "updates/testreport/testreport.h"

#include <QCoreApplication>
#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>
#include <algorithm>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Manifest", text);
}

/// Walks a JSON text once and notes where the string values of wanted places stand.
class Finder
{
public:
    struct Span
    {
        qsizetype begin = -1, end = -1; ///< quotes included
    };

    struct Member
    {
        QString name;
        Span key; ///< quotes included
        qsizetype valueBegin = 0, end = 0;
    };

    /// \a section: an object at the top whose members are noted.
    Finder(const QByteArray &text, const QHash<QStringList, int> &wanted,
           const QString &section = {})
        : m_text(text)
        , m_wanted(wanted)
        , m_section(section)
    {
        if (!section.isEmpty()) {
            m_longestKey = 6 * std::max<qsizetype>(section.size(), 214) + 2;
            m_deepestWanted = 2;
        }
        for (auto it = wanted.begin(); it != wanted.end(); ++it) {
            m_deepestWanted = std::max(m_deepestWanted, it.key().size());
            for (const QString &key : it.key())
                m_longestKey = std::max(m_longestKey, 6 * key.size() + 2); // as \uXXXX, quoted
        }
    }

    /// Spans by the places' numbers; false when the text is no JSON.
    bool run(QHash<int, Span> &found)
    {
        m_found = &found;
        if (m_text.startsWith("\xef\xbb\xbf"))
            m_at = 3;
        QStringList path;
        if (!value(path, 0))
            return false;
        space();
        return m_at == m_text.size();
    }

    /// Of the section, as they stand.
    const QList<Member> &members() const { return m_members; }

private:
    static constexpr int deepest = 64;

    void space()
    {
        while (m_at < m_text.size() && QByteArrayView(" \t\r\n").contains(m_text[m_at]))
            ++m_at;
    }
    bool take(char c)
    {
        space();
        if (m_at >= m_text.size() || m_text[m_at] != c)
            return false;
        ++m_at;
        return true;
    }
    bool string(QByteArrayView &raw)
    {
        space();
        if (m_at >= m_text.size() || m_text[m_at] != '"')
            return false;
        const qsizetype begin = m_at++;
        while (m_at < m_text.size() && m_text[m_at] != '"')
            m_at += m_text[m_at] == '\\' ? 2 : 1;
        if (m_at >= m_text.size())
            return false;
        ++m_at;
        raw = QByteArrayView(m_text).sliced(begin, m_at - begin);
        return true;
    }
    static QString decoded(QByteArrayView raw)
    {
        if (!raw.contains('\\'))
            return QString::fromUtf8(raw.sliced(1, raw.size() - 2));
        return QJsonDocument::fromJson('[' + raw.toByteArray() + ']').array().at(0).toString();
    }
    bool value(QStringList &path, int depth)
    {
        if (depth > deepest)
            return false;
        space();
        if (m_at >= m_text.size())
            return false;
        switch (m_text[m_at]) {
        case '{':
            ++m_at;
            if (take('}'))
                return true;
            do {
                QByteArrayView key;
                if (!string(key) || !take(':'))
                    return false;
                const bool isLong = key.size() > m_longestKey;
                path << (isLong ? QString() : decoded(key));
                m_long += isLong ? 1 : 0;
                Member member;
                member.key.begin = key.data() - m_text.constData();
                member.key.end = member.key.begin + key.size();
                space();
                member.valueBegin = m_at;
                if (!value(path, depth + 1))
                    return false;
                m_long -= isLong ? 1 : 0;
                if (path.size() == 2 && path[0] == m_section) {
                    member.name = path[1];
                    member.end = m_at;
                    m_members << member;
                }
                path.removeLast();
            } while (take(','));
            return take('}');
        case '[':
            ++m_at;
            if (take(']'))
                return true;
            path << QStringLiteral("[]");
            do {
                if (!value(path, depth + 1))
                    return false;
            } while (take(','));
            path.removeLast();
            return take(']');
        case '"': {
            const qsizetype begin = m_at;
            QByteArrayView raw;
            if (!string(raw))
                return false;
            // A path is looked up only where one of this shape is wanted: hashing it is not free.
            if (m_long == 0 && path.size() <= m_deepestWanted) {
                if (const auto it = m_wanted.find(path); it != m_wanted.end())
                    m_found->insert(*it, {begin, m_at});
            }
            return true;
        }
        default: {
            const qsizetype begin = m_at;
            while (m_at < m_text.size() && !QByteArrayView(",]} \t\r\n").contains(m_text[m_at]))
                ++m_at;
            return m_at > begin;
        }
        }
    }

    const QByteArray &m_text;
    const QHash<QStringList, int> &m_wanted;
    QString m_section;
    QList<Member> m_members;
    QHash<int, Span> *m_found = nullptr;
    qsizetype m_at = 0;
    qsizetype m_deepestWanted = 0, m_longestKey = 2;
    int m_long = 0; ///< keys around the value that are longer than any that is wanted
};

QByteArray quoted(const QString &text)
{
    const QByteArray list = QJsonDocument(QJsonArray{text}).toJson(QJsonDocument::Compact);
    return list.mid(1, list.size() - 2);
}

} // namespace

Result<QByteArray> withPlaces(const QByteArray &text, const QList<UpdatePlace> &places, bool exact)
{
    QHash<QStringList, int> wanted;
    for (int i = 0; i < places.size(); ++i)
        wanted.insert(places[i].path, i);
    QHash<int, Finder::Span> found;
    const auto notThere = [&places](int i) {
        return fail(ErrorCode::Conflict,
                    tr("%1 does not name %2 where it did before.")
                        .arg(places[i].file, places[i].path.join(QStringLiteral(" › "))));
    };
    if (!Finder(text, wanted).run(found))
        return fail(ErrorCode::InvalidInput,
                    tr("%1 is not valid JSON.").arg(places.isEmpty() ? QString() : places[0].file));
    QList<std::pair<Finder::Span, int>> spans;
    for (int i = 0; i < places.size(); ++i) {
        const auto it = found.find(wanted.value(places[i].path, -1));
        if (it == found.end())
            return notThere(i);
        const QByteArray token = text.mid(it->begin, it->end - it->begin);
        const QString now = QJsonDocument::fromJson('[' + token + ']').array().at(0).toString();
        if (now.trimmed() != places[i].before.trimmed()) // npm takes blanks around a range
            return notThere(i);
        spans << std::pair(*it, i);
    }
    std::sort(spans.begin(), spans.end(),
              [](const auto &a, const auto &b) { return a.first.begin < b.first.begin; });
    QByteArray out;
    out.reserve(text.size() + spans.size() * 16);
    qsizetype at = 0;
    for (const auto &[span, i] : spans) {
        if (span.begin < at)
            continue; // the same place twice
        out += text.mid(at, span.begin - at);
        out += quoted(exact ? places[i].exact : places[i].after);
        at = span.end;
    }
    return QByteArray(out + text.mid(at));
}

Result<QByteArray> withDependency(const QByteArray &text, const QString &section,
                                  const QString &name, const QString &range)
{
    const QHash<QStringList, int> none;
    QHash<int, Finder::Span> found;
    Finder finder(text, none, section);
    if (!finder.run(found))
        return fail(ErrorCode::InvalidInput, tr("package.json is not valid JSON."));
    const auto &members = finder.members();
    if (members.isEmpty())
        return fail(ErrorCode::Conflict,
                    tr("package.json has nothing in %1 to put %2 beside.").arg(section, name));
    const auto named = [](const auto &member) { return member.name; };
    if (std::ranges::find(members, name, named) != members.end())
        return QByteArray(text);
    const bool inOrder = std::ranges::is_sorted(members, {}, named);
    const auto next = inOrder
        ? std::ranges::find_if(members, [&](const auto &one) { return name < one.name; })
        : members.end();
    // As its neighbour: what stands between the key and the value, and before the key.
    const auto &beside = next == members.end() ? members.last() : *next;
    qsizetype before = beside.key.begin;
    while (before > 0 && QByteArrayView(" \t\r\n").contains(text[before - 1]))
        --before;
    const QByteArray space = text.mid(before, beside.key.begin - before);
    const QByteArray entry =
        quoted(name) + text.mid(beside.key.end, beside.valueBegin - beside.key.end) + quoted(range);
    if (next == members.end())
        return QByteArray(text).insert(beside.end, ',' + space + entry);
    return QByteArray(text).insert(beside.key.begin, entry + ',' + space);
}

QStringList packagesInConflict(const QByteArray &output)
{
    const QString text = plainText(output.right(256 * 1024));
    if (!text.contains(QLatin1String("ERESOLVE")))
        return {};
    // "Found: react@18.2.0", "peer react@"^16" from x@1.0.0", "dev eslint@"^9"", "Conflicting peer
    // dependency: react@17"
    static const QRegularExpression form(
        QStringLiteral("(?:Found:|peer(?:Optional)?|dev|from|dependency:|ERESOLVE|resolving:?)\\s"
                       "((?:@[a-z0-9~][a-z0-9._~-]{0,100}/)?[A-Za-z0-9~][A-Za-z0-9._~-]{0,100})@"));
    QStringList names;
    auto matches = form.globalMatch(text);
    while (matches.hasNext() && names.size() < 20) {
        const QString name = matches.next().captured(1);
        if (!names.contains(name))
            names << name;
    }
    return names;
}

namespace {

/// Whether one of the package manager's own lines has one of \a words: what others print, a
/// package's name or a path among it, says nothing.
bool managerSays(const QString &text, const QStringList &words)
{
    for (const QStringView whole : QStringView(text).split('\n')) {
        const QStringView line = whole.left(2000).trimmed();
        const bool own = line.startsWith(QLatin1String("npm error"))
            || line.startsWith(QLatin1String("npm ERR!"))
            || line.contains(QLatin1String("ERR_PNPM_")) || line.contains(QLatin1String("YN0"))
            || line.startsWith(QLatin1String("error An unexpected error occurred"))
            || line.startsWith(QLatin1String("WARN  GET "));
        if (own && std::any_of(words.begin(), words.end(), [line](const QString &word) {
                return line.contains(word);
            }))
            return true;
    }
    return false;
}

} // namespace

bool saysNoSpace(const QByteArray &output)
{
    const QString text = plainText(output.right(1024 * 1024));
    return managerSays(text, {"ENOSPC", "no space left on device"});
}

std::optional<Error> explainInstallFailure(const QByteArray &output)
{
    const QString text = plainText(output.right(1024 * 1024));
    const auto has = [&text](const char *word) { return text.contains(QLatin1String(word)); };
    const QString detail = text.right(4000);
    if (saysNoSpace(output))
        return Error{ErrorCode::DiskFull,
                     tr("The cell's disk is full. Give this repository a larger disk limit and run "
                        "the job again."),
                     detail};
    if (has("ERESOLVE")) {
        const QStringList names = packagesInConflict(output);
        return Error{ErrorCode::CommandFailed,
                     names.isEmpty()
                         ? tr("The new versions do not fit together: npm found conflicting peer "
                              "dependencies.")
                         : tr("The new versions do not fit together: npm found conflicting peer "
                              "dependencies between %1.")
                               .arg(names.join(QStringLiteral(", ")).left(300)),
                     detail};
    }
    if (has("E404") || has("ETARGET") || has("ERR_PNPM_FETCH_404")
        || has("ERR_PNPM_NO_MATCHING_VERSION") || has("YN0035") || has("YN0082")
        || has("Couldn't find any versions for") || has("Couldn't find package")) {
        static const QRegularExpression what(QStringLiteral(
            "'([^']{1,300})' is not in this registry|No matching version found for (\\S{1,300}?)"
            "\\.?\\s|404\\s+Not Found - GET \\S{0,300}/(\\S{1,300})|"
            "No matching version found for (\\S{1,300}?) |GET \\S{1,300}?//[^/\\s]{1,253}/"
            "((?:@[^/\\s]{1,214}(?:/|%2[fF]))?[^/\\s]{1,214}): [^\\n]{0,100}404|YN0(?:035|082): "
            "[^\\w@]{0,10}(\\S{1,300}?)@|any versions for "
            "\"([^\"]{1,300})\"|find package \"([^\"]{1,300})\""));
        // A tarball's address has the package's name and version in it; that very address has to be
        // what is not there.
        static const QRegularExpression tarball(
            QStringLiteral("404[^\\n]{0,200}?/((?:@[^/\\s]{1,100}(?:/|%2[fF]))?[^/\\s]{1,214})/-/"
                           "[^/\\s]{1,214}?-(\\d+\\.\\d+\\.\\d[^/\\s]{0,100}?)\\.tgz"));
        if (const auto address = tarball.match(text); address.hasMatch())
            return Error{ErrorCode::NotFound,
                         tr("%1 does not exist in the registry. Check the name and version.")
                             .arg(QString::fromUtf8(
                                      QByteArray::fromPercentEncoding(address.captured(1).toUtf8()))
                                  + '@' + address.captured(2)),
                         detail};
        const auto match = what.match(text);
        QString name = match.captured(1);
        for (int i = 2; name.isEmpty() && i <= match.lastCapturedIndex(); ++i)
            name = match.captured(i);
        return Error{ErrorCode::NotFound,
                     name.isEmpty() ? tr("A package or version does not exist in the registry.")
                                    : tr("%1 does not exist in the registry. Check the name and "
                                         "version.")
                                          .arg(name.left(200)),
                     detail};
    }
    static const QRegularExpression patches(QStringLiteral(
        "ERR_PNPM_(?:UNUSED_PATCH|PATCH_NOT_APPLIED)[^\\n]{0,40}patches were not (?:used|applied): "
        "([^\\n]{1,200})"));
    if (const auto match = patches.match(text); match.hasMatch())
        return Error{ErrorCode::CommandFailed,
                     tr("A patch of the repository (%1) is for a version that is no longer "
                        "installed. Make it anew for the new version, or leave the package where "
                        "it is.")
                         .arg(match.captured(1).trimmed()),
                     detail};
    static const QRegularExpression overridden(
        QStringLiteral("Override for (\\S{1,200}) conflicts with direct dependency"));
    if (const auto match = overridden.match(text); match.hasMatch())
        return Error{ErrorCode::CommandFailed,
                     tr("The project's own override stands against %1: npm takes none for a "
                        "package that the project itself asks for otherwise. Change or remove the "
                        "override, or leave the package where it is.")
                         .arg(match.captured(1)),
                     detail};
    // npm has written an entry without a version for what the registry does not have.
    static const QRegularExpression absent(
        QStringLiteral("Missing: (@?[^@\\s]{1,214})@ from lock file"));
    if (const auto match = absent.match(text); has("EUSAGE") && match.hasMatch())
        return Error{ErrorCode::CommandFailed,
                     tr("%1 cannot be had from the registry, although it is asked for (as an "
                        "optional dependency), so npm's own new lockfile is not whole.")
                         .arg(match.captured(1)),
                     detail};
    if ((has("EUSAGE") && has("in sync")) || has("ERR_PNPM_OUTDATED_LOCKFILE") || has("YN0028"))
        return Error{
            ErrorCode::InvalidInput,
            tr("The lockfile is out of step with package.json. Run the manager's install in "
               "the repository, commit the lockfile, and run the update again."),
            detail};
    if (has("EBADENGINE") && has("Not compatible"))
        return Error{ErrorCode::Unsupported,
                     tr("The project's packages refuse the Node of this cell (engine-strict)."),
                     detail};
    if (has("403 Forbidden") || has("statusCode=403") || has("tunneling socket could not"))
        return Error{ErrorCode::GateRefused,
                     tr("A host that is not on the allowlist was needed. See Egress for which one; "
                        "add it to the client's allowlist if it is right."),
                     detail};
    if (managerSays(text,
                    {"ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN",
                     "npm error network", "META_FETCH_FAIL", "ERR_PNPM_FETCH_5", " 502", " 503"}))
        return Error{ErrorCode::NetworkDown,
                     tr("The package registry cannot be reached. Check this machine's network and "
                        "proxy settings; Egress shows what was tried."),
                     detail};
    return std::nullopt;
}

} // namespace ovvoc
