#include "job/syntax.h"

#include <QRegularExpression>

namespace ovvoc {

namespace {

constexpr int lineLimit = 2'000;

const QRegularExpression &scriptForm()
{
    static const QRegularExpression form(QStringLiteral(
        R"((?<comment>//.*$|/\*.*?(?:\*/|$))|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)|(?<number>\b\d[\d_.]*\b)|(?<keyword>\b(?:as|async|await|break|case|catch|class|const|continue|default|delete|do|else|export|extends|false|finally|for|from|function|if|import|in|instanceof|let|new|null|of|return|static|super|switch|this|throw|true|try|typeof|undefined|var|void|while|yield)\b))"));
    return form;
}

const QRegularExpression &jsonForm()
{
    static const QRegularExpression form(QStringLiteral(
        R"((?<key>"(?:[^"\\]|\\.)*"(?=\s*:))|(?<string>"(?:[^"\\]|\\.)*")|(?<number>-?\b\d[\d.eE+-]*\b)|(?<keyword>\b(?:true|false|null)\b))"));
    return form;
}

} // namespace

QList<SyntaxSpan> syntaxOf(const QString &line, const QString &path)
{
    static const QRegularExpression script(QStringLiteral("\\.[cm]?[jt]sx?$"));
    const bool json = path.endsWith(QLatin1String(".json"));
    if (line.size() > lineLimit || (!json && !script.match(path).hasMatch()))
        return {};
    QList<SyntaxSpan> spans;
    auto matches = (json ? jsonForm() : scriptForm()).globalMatch(line);
    using Kind = SyntaxSpan::Kind;
    while (matches.hasNext()) {
        const auto match = matches.next();
        const auto has = [&](const char *name) {
            return match.capturedLength(QLatin1String(name)) > 0;
        };
        const Kind kind = has("string") ? Kind::String
            : has("number")             ? Kind::Number
            : json && has("key")        ? Kind::Key
            : !json && has("comment")   ? Kind::Comment
                                        : Kind::Keyword;
        spans << SyntaxSpan{int(match.capturedStart()), int(match.capturedLength()), kind};
    }
    return spans;
}

} // namespace ovvoc
