#include "updates/yamledit.h"

#include "base/yamlguard.h"

#include <QCoreApplication>
#include <algorithm>
#include <yaml-cpp/yaml.h>

namespace ovvoc {

namespace {

constexpr qsizetype yamlLimit = 1024 * 1024;

QString tr(const char *text)
{
    return QCoreApplication::translate("Manifest", text);
}

/// The value below \a path; of a key that stands twice the last one. Not defined when it is not
/// there.
YAML::Node valueAt(YAML::Node node, const QStringList &path)
{
    for (const QString &key : path) {
        if (!node.IsMap())
            return YAML::Node(YAML::NodeType::Undefined);
        YAML::Node next(YAML::NodeType::Undefined);
        for (const auto &item : node) {
            if (item.first.IsScalar() && item.first.Scalar() == key.toStdString())
                next.reset(item.second);
        }
        if (!next.IsDefined())
            return next;
        node.reset(next);
    }
    return node;
}

/// Where the scalar stands, its quotes included; nothing when it is not written as \a value.
std::optional<std::pair<qsizetype, qsizetype>>
spanOf(const QByteArray &text, const YAML::Mark &mark, const QByteArray &value)
{
    qsizetype begin = text.startsWith("\xef\xbb\xbf") && mark.line == 0 ? 3 : 0;
    for (int line = 0; line < mark.line; ++line) {
        begin = text.indexOf('\n', begin) + 1;
        if (begin == 0)
            return std::nullopt;
    }
    begin += mark.column;
    if (begin >= text.size())
        return std::nullopt;
    const char quote = text[begin] == '"' || text[begin] == '\'' ? text[begin] : '\0';
    const qsizetype inner = quote ? begin + 1 : begin;
    if (text.mid(inner, value.size()) != value)
        return std::nullopt;
    const qsizetype end = inner + value.size();
    const char next = end < text.size() ? text[end] : '\n';
    if (quote)
        return next == quote ? std::optional(std::pair(begin, end + 1)) : std::nullopt;
    return QByteArrayView(" \t\r\n,}").contains(next) ? std::optional(std::pair(begin, end))
                                                      : std::nullopt;
}

/// As it may stand there: in the quotes that were used, or in quotes where plain would be read
/// differently.
QByteArray written(const QString &value, char first)
{
    const QByteArray bytes = value.toUtf8();
    if (first == '"' || first == '\'')
        return first + bytes + first;
    const bool plain = !bytes.isEmpty()
        && !QByteArrayView("-?:,[]{}#&*!|>'\"%@` =").contains(bytes[0]) && !bytes.contains(": ")
        && !bytes.contains(" #");
    return plain ? bytes : '\'' + bytes + '\'';
}

} // namespace

Result<QByteArray> withYamlPlaces(const QByteArray &text, const QList<UpdatePlace> &places,
                                  bool exact)
{
    const QString file = places.isEmpty() ? QString() : places[0].file;
    if (const QString danger = yamlDanger(text, yamlLimit); !danger.isEmpty())
        return fail(ErrorCode::Unsupported, tr("%1 cannot be changed: %2.").arg(file, danger));
    struct Edit
    {
        qsizetype begin, end;
        QByteArray bytes;
    };
    QList<Edit> edits;
    try {
        const YAML::Node root = YAML::Load(text.toStdString());
        for (const UpdatePlace &place : places) {
            const YAML::Node node = valueAt(root, place.path);
            const QString path = place.path.join(QStringLiteral(" › "));
            if (!node.IsDefined() || !node.IsScalar()
                || QString::fromStdString(node.Scalar()).trimmed() != place.before.trimmed())
                return fail(ErrorCode::Conflict,
                            tr("%1 does not name %2 where it did before.").arg(file, path));
            const auto span = spanOf(text, node.Mark(), QByteArray::fromStdString(node.Scalar()));
            const QString value = exact ? place.exact : place.after;
            if (!span || value.contains('\'') || value.contains('"') || value.contains('\n'))
                return fail(ErrorCode::Unsupported,
                            tr("%1 in %2 is written in a way that is not changed here. Write it on "
                               "one line, plain or in quotes.")
                                .arg(path, file));
            edits << Edit{span->first, span->second, written(value, text[span->first])};
        }
    } catch (const YAML::Exception &what) {
        return fail(ErrorCode::InvalidInput,
                    tr("%1 is not valid YAML (line %2).").arg(file).arg(what.mark.line + 1));
    }
    std::sort(edits.begin(), edits.end(),
              [](const Edit &a, const Edit &b) { return a.begin < b.begin; });
    QByteArray out;
    qsizetype at = 0;
    for (const Edit &edit : edits) {
        if (edit.begin < at)
            continue; // the same place twice
        out += text.mid(at, edit.begin - at) + edit.bytes;
        at = edit.end;
    }
    return QByteArray(out + text.mid(at));
}

} // namespace ovvoc
