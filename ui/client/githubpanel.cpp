#include "client/githubpanel.h"

#include "theme/theme.h"
#include "widgets/basics.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QVBoxLayout>
#include <utility>

namespace ovvoc {

namespace {

constexpr qint64 largestKey = 64 * 1024;
constexpr int watchIntervalMs = 3'000; // in the first minute, then five times as long
constexpr qint64 watchLimitMs = 30 * 60'000;
constexpr int AccountRole = Qt::UserRole + 1;

QString mark(ConnectionCheck::State state)
{
    switch (state) {
    case ConnectionCheck::State::Good:
        return QStringLiteral("✓");
    case ConnectionCheck::State::Note:
        return QStringLiteral("!");
    case ConnectionCheck::State::Bad:
        return QStringLiteral("✕");
    case ConnectionCheck::State::NotReached:
        break;
    }
    return QStringLiteral("–");
}

} // namespace

GitHubPanel::GitHubPanel(const Services &services, QWidget *parent)
    : QFrame(parent)
    , m_services(services)
{
    setObjectName("card");
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 16);
    layout->setSpacing(10);
    layout->addWidget(heading(tr("GitHub App")));
    m_state = label({}, theme().font, Tone::Muted);
    m_state->setWordWrap(true);
    layout->addWidget(m_state);
    buildConnect(layout);
    buildOwn(layout);
    buildConnected(layout);
    m_message = label({}, theme().font);
    m_message->setWordWrap(true);
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_message->hide();
    layout->addWidget(m_message);

    m_watch.setSingleShot(true);
    connect(&m_watch, &QTimer::timeout, this, &GitHubPanel::lookForInstallation);
    connect(m_services.workspace, &WorkspaceService::clientChanged, this,
            [this](const QString &id) {
                if (id == m_id)
                    refresh();
            });
    connect(m_services.workspace, &WorkspaceService::manifestEnded, this,
            [this](const QString &id, const Error &error, const QUrl &page) {
                if (id != m_id)
                    return;
                m_address.clear();
                m_open->hide();
                m_copy->hide();
                m_make->setEnabled(true);
                if (!error.message.isEmpty())
                    return say(error.message, true);
                m_installPage = page;
                m_install->show();
                say(tr("The App was made, its key is in the keychain. Now install it for the "
                       "repositories that it may update; this page goes on by itself."),
                    false);
                m_watched.start();
                watchAgain();
                emit browse(page);
            });
}

void GitHubPanel::buildConnect(QVBoxLayout *layout)
{
    m_connect = new QWidget;
    auto *column = new QVBoxLayout(m_connect);
    column->setContentsMargins(0, 0, 0, 0);
    auto *row = new QHBoxLayout;
    m_organization = new QLineEdit;
    m_organization->setPlaceholderText(tr("Organisation (empty: your own account)"));
    m_organization->setAccessibleName(tr("Organisation"));
    m_web = new QLineEdit(QStringLiteral("https://github.com"));
    m_web->setAccessibleName(tr("GitHub's address"));
    m_web->setToolTip(tr("github.com, or an Enterprise server"));
    m_make = primaryButton(tr("Make the App on GitHub"));
    m_make->setToolTip(tr("Opens GitHub with everything filled in; its key comes back by itself"));
    m_open = new QPushButton(tr("Open the page again"));
    m_open->hide();
    row->addWidget(m_organization, 2);
    row->addWidget(m_web, 2);
    row->addWidget(m_make);
    row->addWidget(m_open);
    column->addLayout(row);
    m_copy = new QPushButton(tr("Copy the address"));
    m_copy->setToolTip(tr("For a browser that did not open by itself"));
    m_copy->hide();
    row->addWidget(m_copy);
    connect(m_copy, &QPushButton::clicked, this,
            [this] { QApplication::clipboard()->setText(m_address.toString()); });
    layout->addWidget(m_connect);
    connect(m_make, &QPushButton::clicked, this, &GitHubPanel::beginManifest);
    connect(m_open, &QPushButton::clicked, this, [this] { emit browse(m_address); });
}

void GitHubPanel::buildOwn(QVBoxLayout *layout)
{
    QPushButton *show = quietButton(tr("There is an App already: give its id and key"));
    layout->addWidget(show, 0, Qt::AlignLeft);
    m_own = new QWidget;
    auto *column = new QVBoxLayout(m_own);
    column->setContentsMargins(0, 0, 0, 0);
    auto *row = new QHBoxLayout;
    m_appId = new QLineEdit;
    m_appId->setPlaceholderText(tr("App id or client id"));
    m_appId->setAccessibleName(tr("App id or client id"));
    auto *file = new QPushButton(tr("Key file…"));
    QPushButton *store = primaryButton(tr("Store in the keychain"));
    row->addWidget(m_appId, 1);
    row->addWidget(file);
    row->addWidget(store);
    column->addLayout(row);
    m_key = new QPlainTextEdit;
    m_key->setProperty("field", true);
    m_key->setPlaceholderText(tr("Or paste the private key here (PEM). It goes into the keychain "
                                 "and nowhere else."));
    m_key->setAccessibleName(tr("Private key, PEM"));
    m_key->setTabChangesFocus(true);
    m_key->setUndoRedoEnabled(false);
    m_key->setMaximumHeight(theme().px(90));
    column->addWidget(m_key);
    m_own->hide();
    layout->addWidget(m_own);
    connect(show, &QPushButton::clicked, this, [this] { m_own->setVisible(!m_own->isVisible()); });
    connect(store, &QPushButton::clicked, this, &GitHubPanel::storeOwn);
    connect(file, &QPushButton::clicked, this, [this] {
        auto *dialog = new QFileDialog(this, tr("Private key"), QString(), tr("PEM (*.pem);;*"));
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
            QFile key(path);
            if (!key.open(QIODevice::ReadOnly))
                return say(tr("%1 cannot be read: %2").arg(path, key.errorString()), true);
            // Never through the editor: what is shown cannot be wiped.
            QByteArray bytes = key.read(largestKey);
            m_pem = std::make_shared<const SecretBytes>(SecretBytes::takeFrom(bytes));
            m_key->clear();
            say(tr("The key in %1 is ready to be stored.").arg(QFileInfo(path).fileName()), false);
        });
        dialog->open();
    });
}

void GitHubPanel::buildConnected(QVBoxLayout *layout)
{
    m_connected = new QWidget;
    auto *column = new QVBoxLayout(m_connected);
    column->setContentsMargins(0, 0, 0, 0);
    auto *row = new QHBoxLayout;
    m_installation = new QComboBox;
    m_installation->setAccessibleName(tr("Where the App is installed"));
    m_installation->setMinimumWidth(theme().px(200));
    auto *load = new QPushButton(tr("Look where it is installed"));
    m_install = new QPushButton(tr("Install it on GitHub"));
    m_test = new QPushButton(tr("Test the connection"));
    row->addWidget(m_installation, 1);
    row->addWidget(load);
    row->addWidget(m_install);
    row->addWidget(m_test);
    column->addLayout(row);
    m_checks = label({}, theme().font);
    m_checks->setWordWrap(true);
    m_checks->hide();
    column->addWidget(m_checks);
    layout->addWidget(m_connected);
    connect(load, &QPushButton::clicked, this, &GitHubPanel::loadInstallations);
    connect(m_installation, &QComboBox::activated, this, &GitHubPanel::chooseInstallation);
    connect(m_install, &QPushButton::clicked, this, [this] { emit browse(m_installPage); });
    connect(m_test, &QPushButton::clicked, this, &GitHubPanel::test);
}

void GitHubPanel::setClient(const QString &id)
{
    if (id != m_id) {
        m_id = id;
        m_message->hide();
        m_checks->hide();
        m_key->clear();
        m_appId->clear();
        m_own->hide();
        m_open->hide();
        m_copy->hide();
        m_make->setEnabled(true);
        m_test->setEnabled(true);
        m_installation->clear();
        m_installPage.clear();
        m_address.clear();
        m_organization->clear();
        m_pem.reset();
        m_watch.stop();
        m_lookedFor = false;
        const ClientOverview *one = m_services.workspace->client(id);
        m_web->setText(one && one->client.github ? one->client.github->web.toString()
                                                 : QStringLiteral("https://github.com"));
    }
    refresh();
}

void GitHubPanel::hideEvent(QHideEvent *event)
{
    // A key that was brought and not stored is not left lying about.
    m_key->clear();
    m_pem.reset();
    m_watch.stop();
    QFrame::hideEvent(event);
}

void GitHubPanel::refresh()
{
    const ClientOverview *overview = m_services.workspace->client(m_id);
    if (!overview)
        return;
    const auto &github = overview->client.github;
    const bool connected = github && !github->keyEntry.isEmpty();
    m_connect->setVisible(!connected);
    m_connected->setVisible(connected);
    m_install->setVisible(!m_installPage.isEmpty());
    if (!github) {
        m_state->setText(tr("None yet. Each client has an App of its own, with exactly the "
                            "permissions that an update needs: contents and pull requests."));
        return;
    }
    m_state->setText(
        connected
            ? tr("%1 at %2 · key in the keychain, fingerprint %3 · %4")
                  .arg(github->appName.isEmpty() ? github->issuer : github->appName,
                       github->web.host(), github->keyFingerprint,
                       github->account.isEmpty() ? tr("not chosen yet where it is installed")
                                                 : tr("installed for %1").arg(github->account))
            : tr("The key of %1 is not in the keychain any more.").arg(github->appName));
    if (m_installation->count() == 0 && !github->account.isEmpty()) {
        m_installation->addItem(github->account, github->installationId);
        m_installation->setItemData(0, github->account, AccountRole);
    }
}

void GitHubPanel::say(const QString &text, bool bad)
{
    m_message->setText(text);
    m_message->setTone(bad ? Tone::Bad : Tone::Plain);
    m_message->show();
}

void GitHubPanel::beginManifest()
{
    const ClientOverview *overview = m_services.workspace->client(m_id);
    if (!overview)
        return;
    ManifestRequest request;
    request.web = QUrl(m_web->text().trimmed(), QUrl::StrictMode);
    if (!request.web.isValid() || request.web.host().isEmpty())
        return say(tr("\"%1\" is not an address. Example: https://github.com").arg(m_web->text()),
                   true);
    request.organization = m_organization->text().trimmed();
    request.name = tr("%1 updates").arg(overview->client.name).left(34).trimmed();
    m_make->setEnabled(false);
    m_services.workspace->beginManifest(m_id, request)
        .then(this, [this, id = m_id](const Result<QUrl> &address) {
            if (id != m_id)
                return;
            if (!address) {
                m_make->setEnabled(true);
                return say(address.error().message, true);
            }
            m_address = *address;
            m_open->show();
            m_copy->show();
            say(tr("Confirm on the page that has opened; where none has, copy its address into a "
                   "browser. This page goes on by itself."),
                false);
            emit browse(*address);
        });
}

void GitHubPanel::storeOwn()
{
    GitHubAccount account;
    account.web = QUrl(m_web->text().trimmed(), QUrl::StrictMode);
    account.api = GitHubAccount::apiOf(account.web);
    account.issuer = m_appId->text().trimmed();
    if (account.issuer.isEmpty()) {
        m_appId->setFocus();
        return say(tr("Give the App's id; it stands on the App's page on GitHub."), true);
    }
    if (!account.web.isValid() || account.web.host().isEmpty())
        return say(tr("\"%1\" is not an address. Example: https://github.com").arg(m_web->text()),
                   true);
    QString text = m_key->toPlainText();
    QByteArray pem = text.toLatin1();
    text.fill(QChar(0));
    m_key->clear();
    const auto secret = pem.trimmed().isEmpty()
        ? std::exchange(m_pem, nullptr)
        : std::make_shared<const SecretBytes>(SecretBytes::takeFrom(pem));
    if (!secret)
        return say(tr("Paste the private key, or choose its file."), true);
    say(tr("Asking GitHub who this App is…"), false);
    m_services.workspace->storeApp(m_id, account, secret)
        .then(this, [this, id = m_id](const Result<> &done) {
            if (id != m_id)
                return;
            say(done ? tr("Connected.") : done.error().message, !done);
            if (done)
                m_own->hide();
        });
}

void GitHubPanel::loadInstallations()
{
    m_services.workspace->installations(m_id).then(
        this, [this, id = m_id](const Result<QList<Installation>> &all) {
            if (id != m_id)
                return;
            if (!all)
                return say(all.error().message, true);
            if (all->isEmpty())
                return say(tr("The App is not installed anywhere yet."), true);
            showInstallations(*all);
        });
}

void GitHubPanel::showInstallations(const QList<Installation> &all)
{
    m_installation->clear();
    for (const Installation &one : all) {
        m_installation->addItem(one.suspended ? tr("%1 (suspended)").arg(one.account) : one.account,
                                one.id);
        m_installation->setItemData(m_installation->count() - 1, one.account, AccountRole);
    }
    m_message->hide();
    const ClientOverview *now = m_services.workspace->client(m_id);
    const qint64 chosen = now && now->client.github ? now->client.github->installationId : 0;
    const int at = m_installation->findData(chosen);
    m_installation->setCurrentIndex(std::max(0, at));
    if (at < 0 && all.size() == 1)
        chooseInstallation(0);
}

void GitHubPanel::showEvent(QShowEvent *event)
{
    QFrame::showEvent(event);
    watchAgain();
}

/// As long as the App that was made waits to be installed, and the page is in sight.
void GitHubPanel::watchAgain()
{
    const ClientOverview *one = m_services.workspace->client(m_id);
    // That the client has an App now may be told only after the App was made.
    const bool known = one && one->client.github && one->client.github->installationId != 0;
    if (!isVisible() || m_installPage.isEmpty() || !one || known)
        return;
    if (m_watched.elapsed() > watchLimitMs)
        return say(tr("The App is not installed yet. When it is: \"Look where it is installed\"."),
                   false);
    m_watch.start(m_watched.elapsed() < 60'000 ? watchIntervalMs : 5 * watchIntervalMs);
}

/// What a person does in the browser meanwhile, nobody tells us: it is asked for until it is there.
void GitHubPanel::lookForInstallation()
{
    // Who has something else open is not disturbed.
    const auto isBusy = [] {
        return QApplication::activeModalWidget() || QApplication::activePopupWidget();
    };
    if (isBusy())
        return watchAgain();
    m_services.workspace->installations(m_id).then(
        this, [this, id = m_id, isBusy](const Result<QList<Installation>> &all) {
            if (id != m_id || !isVisible())
                return;
            const bool passes = !all
                && (all.error().code == ErrorCode::NetworkDown
                    || all.error().code == ErrorCode::Timeout
                    || all.error().code == ErrorCode::RateLimited);
            if (passes || (all && (all->isEmpty() || isBusy())))
                return watchAgain();
            if (!all)
                return say(all.error().message, true);
            m_lookedFor = all->size() == 1;
            showInstallations(*all);
            m_lookedFor = false;
            if (all->size() > 1)
                say(tr("The App is installed at several places. Choose the client's."), false);
        });
}

void GitHubPanel::chooseInstallation(int index)
{
    const ClientOverview *overview = m_services.workspace->client(m_id);
    if (!overview || !overview->client.github || index < 0)
        return;
    Client client = overview->client;
    client.github->installationId = m_installation->itemData(index).toLongLong();
    client.github->account = m_installation->itemData(index, AccountRole).toString();
    if (client == overview->client)
        return;
    const bool waitedFor = std::exchange(m_lookedFor, false);
    m_services.workspace->saveClient(client).then(
        this, [this, waitedFor, id = m_id](const Result<> &done) {
            if (!done)
                return say(done.error().message, true);
            if (waitedFor && id == m_id && isVisible())
                emit installed(id);
        });
}

void GitHubPanel::test()
{
    m_test->setEnabled(false);
    m_checks->setText(tr("Testing…"));
    m_checks->show();
    m_services.workspace->testConnection(m_id).then(
        this, [this, id = m_id](const Result<QList<ConnectionCheck>> &checks) {
            if (id != m_id)
                return;
            m_test->setEnabled(true);
            if (!checks) {
                m_checks->hide();
                return say(checks.error().message, true);
            }
            QStringList lines;
            for (const ConnectionCheck &check : *checks)
                lines << QStringLiteral("%1 %2: %3")
                             .arg(mark(check.state), toString(check.what), check.found);
            m_checks->setText(lines.join('\n'));
        });
}

} // namespace ovvoc
