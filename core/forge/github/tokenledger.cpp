#include "forge/github/tokenledger.h"

#include "base/ids.h"

#include <QCoreApplication>
#include <QFile>
#include <QLockFile>
#include <QRegularExpression>
#include <QSaveFile>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("GitHub", text);
}

/// An entry's name ends with the process that noted it: "Live token 01h… (4711-902)".
QString ownerOf(const QString &entry)
{
    return entry.section('(', -1).chopped(1);
}

} // namespace

TokenLedger::TokenLedger(QString file, std::shared_ptr<SecretStore> store)
    : m_file(std::move(file))
    , m_store(std::move(store))
{ }

Result<QStringList> TokenLedger::names() const
{
    QFile file(m_file);
    if (!file.exists())
        return QStringList{};
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::Internal,
                    tr("%1 cannot be read: %2").arg(m_file, file.errorString()));
    // The file is anybody's to write: a name of another kind would make us read, or remove, what
    // is no token at all.
    static const QRegularExpression form(
        QStringLiteral("^Live token [0-9a-z]{20} \\([0-9]{1,10}-[0-9]{1,20}\\)\\z"));
    QStringList list = QString::fromUtf8(file.read(1024 * 1024)).split('\n', Qt::SkipEmptyParts);
    list.removeIf([](const QString &name) { return !form.match(name).hasMatch(); });
    return list;
}

Result<> TokenLedger::update(const std::function<void(QStringList &)> &change) const
{
    QLockFile lock(m_file + ".lock");
    lock.setStaleLockTime(0); // only a lock whose process has gone is stale
    if (!lock.tryLock(2000))
        return fail(ErrorCode::Internal,
                    tr("Another program holds %1. Close it and try again.").arg(m_file));
    OVVOC_TRY(list, names());
    change(list);
    QSaveFile file(m_file);
    const QByteArray text = list.join('\n').toUtf8();
    if (!file.open(QIODevice::WriteOnly)
        || !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner)
        || file.write(text) != text.size() || !file.commit())
        return fail(ErrorCode::DiskFull,
                    tr("%1 cannot be written: %2").arg(m_file, file.errorString()));
    return {};
}

TaskResult<QString> TokenLedger::note(QUrl api, std::shared_ptr<const SecretBytes> token)
{
    const QString entry = QStringLiteral("Live token %1 (%2)").arg(newId(), processIdentity());
    // The name first: a name without a secret is harmless, a secret without a name is lost.
    OVVOC_CO_CHECK(update([&entry](QStringList &list) { list << entry; }));
    QByteArray text = api.toEncoded() + '\n';
    const auto bytes = token->bytes();
    text.append(bytes.data(), qsizetype(bytes.size()));
    const auto secret = std::make_shared<const SecretBytes>(SecretBytes::takeFrom(text));
    OVVOC_CO_CHECK(co_await m_store->write(entry, secret));
    co_return QString(entry);
}

TaskResult<> TokenLedger::strike(QString entry)
{
    OVVOC_CO_CHECK(co_await m_store->remove(entry));
    co_return update([&entry](QStringList &list) { list.removeAll(entry); });
}

TaskResult<QList<LiveToken>> TokenLedger::leftovers()
{
    OVVOC_CO_TRY(list, names());
    QList<LiveToken> found;
    const QStringList entries = list;
    for (const QString &entry : entries) {
        if (processLives(ownerOf(entry)))
            continue;
        auto secret = co_await m_store->read(entry);
        if (!secret && secret.error().code != ErrorCode::NotFound)
            co_return fail(secret.error());
        const std::string_view text = secret
            ? std::string_view((*secret)->bytes().data(), (*secret)->bytes().size())
            : std::string_view();
        const auto end = text.find('\n');
        if (end == std::string_view::npos) {
            OVVOC_CO_CHECK(co_await strike(entry));
            continue;
        }
        LiveToken token;
        token.entry = entry;
        const std::string_view api = text.substr(0, end);
        token.api = QUrl(QString::fromUtf8(api.data(), qsizetype(api.size())));
        token.token = std::make_shared<const SecretBytes>(
            std::span(text.data() + end + 1, text.size() - end - 1));
        found << token;
    }
    co_return found;
}

} // namespace ovvoc
