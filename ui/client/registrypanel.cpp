#include "client/registrypanel.h"

#include "theme/theme.h"
#include "widgets/basics.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLineEdit>
#include <QVBoxLayout>

namespace ovvoc {

using Credential = RegistrySetting::Credential;

RegistryDialog::RegistryDialog(const std::optional<RegistrySetting> &known,
                               const std::optional<RegistrySetting> &suggested, QWidget *parent)
    : QDialog(parent)
    , m_url(new QLineEdit)
    , m_scopes(new QLineEdit)
    , m_secret(new QLineEdit)
    , m_kind(new QComboBox)
    , m_private(new QCheckBox(tr("It is on a private network")))
    , m_error(label({}, theme().font, Tone::Bad))
{
    setWindowTitle(known ? tr("Package registry") : tr("Add a package registry"));
    setAttribute(Qt::WA_DeleteOnClose);
    setMinimumWidth(theme().px(520));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 20, 24, 20);
    layout->setSpacing(10);
    auto *form = new QFormLayout;
    m_url->setPlaceholderText(QStringLiteral("https://npm.example.com/"));
    m_scopes->setPlaceholderText(tr("@scope, several with spaces between them; may be empty"));
    m_scopes->setToolTip(tr("What comes from here whatever the repository says. Without any, the "
                            "repository's own settings say what comes from here."));
    m_kind->addItem(tr("No credential"), int(Credential::None));
    m_kind->addItem(tr("Token"), int(Credential::Token));
    m_kind->addItem(tr("User name and password"), int(Credential::Basic));
    m_secret->setEchoMode(QLineEdit::Password);
    form->addRow(tr("Address"), m_url);
    form->addRow(tr("Scopes"), m_scopes);
    form->addRow(tr("Credential"), m_kind);
    form->addRow({}, m_secret);
    form->addRow({}, m_private);
    layout->addLayout(form);
    TextLabel *note = label(tr("The credential goes into the keychain. No cell ever gets it: the "
                               "gate adds it to requests to this address and to no other."),
                            theme().small, Tone::Muted);
    note->setWordWrap(true);
    layout->addWidget(note);
    m_error->setWordWrap(true);
    m_error->hide();
    layout->addWidget(m_error);
    auto *buttons = new QHBoxLayout;
    auto *cancel = new QPushButton(tr("Cancel"));
    cancel->setAutoDefault(false);
    QPushButton *take = primaryButton(known ? tr("Save") : tr("Add"));
    take->setDefault(true);
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(take);
    layout->addLayout(buttons);

    const auto kindChanged = [this, known] {
        const auto kind = Credential(m_kind->currentData().toInt());
        m_secret->setEnabled(kind != Credential::None);
        QString words = kind == Credential::Basic ? tr("name:password") : tr("the token");
        if (known && known->credential == kind && kind != Credential::None)
            words = tr("leave empty to keep the one in the keychain");
        m_secret->setPlaceholderText(kind == Credential::None ? QString() : words);
        m_secret->setAccessibleName(tr("Credential"));
    };
    connect(m_kind, &QComboBox::currentIndexChanged, this, kindChanged);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(take, &QPushButton::clicked, this, &RegistryDialog::choose);
    if (const auto &filled = known ? known : suggested) {
        m_url->setText(filled->url);
        m_url->setReadOnly(known.has_value());
        m_scopes->setText(filled->scopes.join(' '));
        m_kind->setCurrentIndex(m_kind->findData(int(filled->credential)));
        m_private->setChecked(filled->privateAddresses);
        (known ? static_cast<QWidget *>(m_scopes) : m_kind)->setFocus();
    }
    kindChanged();
}

void RegistryDialog::choose()
{
    const auto refuse = [this](const Error &error) {
        m_error->setText(error.message);
        m_error->show();
        layout()->activate();
        adjustSize(); // else the fields would make room for it
    };
    auto registry =
        parseRegistry(m_url->text().simplified().section(' ', 0, 0) + ' ' + m_scopes->text());
    if (!registry)
        return refuse(registry.error());
    registry->credential = Credential(m_kind->currentData().toInt());
    registry->privateAddresses = m_private->isChecked();
    std::shared_ptr<const SecretBytes> secret;
    if (registry->credential != Credential::None && !m_secret->text().isEmpty()) {
        QByteArray bytes = m_secret->text().toUtf8();
        secret = std::make_shared<const SecretBytes>(SecretBytes::takeFrom(bytes));
        const auto fits = authorizationOf(registry->credential, *secret);
        if (!fits)
            return refuse(fits.error());
    }
    m_secret->clear();
    emit chosen(*registry, secret);
    accept();
}

RegistryPanel::RegistryPanel(const Services &services, QWidget *parent)
    : QFrame(parent)
    , m_services(services)
    , m_keeper(new RegistryKeeper(services, this))
    , m_none(label(tr("None beside the public one. Packages that the repositories take from a "
                      "private registry stay where they are until it is named here."),
                   theme().font, Tone::Muted))
    , m_rows(new QVBoxLayout)
{
    setObjectName("card");
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 16);
    layout->setSpacing(10);
    auto *head = new QHBoxLayout;
    head->addWidget(heading(tr("Package registries")), 1);
    auto *add = new QPushButton(tr("Add a registry…"));
    head->addWidget(add);
    layout->addLayout(head);
    m_none->setWordWrap(true);
    layout->addWidget(m_none);
    m_rows->setSpacing(8);
    layout->addLayout(m_rows);
    connect(add, &QPushButton::clicked, this, [this] { m_keeper->ask(this, {}); });
    connect(m_keeper, &RegistryKeeper::said, this, &RegistryPanel::said);
    connect(m_keeper, &RegistryKeeper::changed, this, &RegistryPanel::refresh);
    connect(m_services.workspace, &WorkspaceService::clientChanged, this,
            [this](const QString &id) {
                if (id == m_keeper->client())
                    refresh();
            });
}

void RegistryPanel::setClient(const QString &id)
{
    m_keeper->setClient(id);
    refresh();
}

void RegistryPanel::refresh()
{
    const QString id = m_keeper->client();
    if (!m_services.workspace->client(id))
        return;
    const QList<RegistrySetting> all = m_keeper->all();
    m_none->setVisible(all.isEmpty());
    m_services.workspace->registriesWithCredential(id).then(
        this, [this, all, id](const Result<QStringList> &kept) {
            if (id == m_keeper->client())
                showRows(all, kept);
        });
}

void RegistryPanel::showRows(const QList<RegistrySetting> &all, const Result<QStringList> &kept)
{
    while (QLayoutItem *item = m_rows->takeAt(0)) {
        if (QWidget *widget = item->widget())
            widget->deleteLater();
        delete item;
    }
    for (const RegistrySetting &one : all) {
        auto *row = new QWidget;
        auto *line = new QHBoxLayout(row);
        line->setContentsMargins(0, 0, 0, 0);
        auto *words = new QVBoxLayout;
        words->setSpacing(0);
        TextLabel *address = selectable(label(one.url, theme().strong));
        address->setElided(true);
        words->addWidget(address);
        const bool has = one.credential != Credential::None;
        const bool missing = has && (!kept || !kept->contains(one.url));
        QStringList facts = one.scopes;
        facts << (!has          ? tr("no credential")
                      : !kept   ? kept.error().message // it could not be asked
                      : missing ? tr("its credential is missing")
                                : tr("credential in the keychain"));
        if (one.privateAddresses)
            facts << tr("on a private network");
        TextLabel *state = label(facts.join(QStringLiteral(" · ")), theme().small,
                                 missing ? Tone::Bad : Tone::Muted);
        state->setElided(true);
        words->addWidget(state);
        line->addLayout(words, 1);
        auto *change = new QPushButton(tr("Change…"));
        change->setAccessibleName(tr("Change %1").arg(one.url));
        auto *remove = quietButton(tr("Remove"));
        remove->setAccessibleName(tr("Remove %1").arg(one.url));
        line->addWidget(change);
        line->addWidget(remove);
        connect(change, &QPushButton::clicked, this, [this, one] { m_keeper->ask(this, one); });
        connect(remove, &QPushButton::clicked, this, [this, one] { m_keeper->remove(one); });
        m_rows->addWidget(row);
    }
}

} // namespace ovvoc
