#include "client/clientsettingspage.h"

#include "format.h"
#include "theme/theme.h"
#include "widgets/basics.h"
#include "widgets/clientmark.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QIcon>
#include <QLineEdit>
#include <QPainter>
#include <QVBoxLayout>

namespace ovvoc {

namespace {

constexpr int colours = 8;

QIcon colourIcon(int index)
{
    QPixmap pixmap(32, 32);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().client(index));
    painter.drawEllipse(2, 2, 28, 28);
    return pixmap;
}

} // namespace

ClientSettingsPage::ClientSettingsPage(const Services &services, QWidget *parent)
    : QWidget(parent)
    , m_services(services)
    , m_github(new GitHubPanel(services))
    , m_registries(new RegistryPanel(services))
    , m_editor(new SettingsEditor)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    QBoxLayout *head = nullptr;
    layout->addWidget(pageHeader(&head));
    m_mark = new ClientMark(theme().px(28));
    m_title = label({}, theme().title);
    m_title->setElided(true);
    head->addWidget(m_mark);
    head->addWidget(m_title, 1);
    auto *back = new QPushButton(tr("Back to the dashboard"));
    head->addWidget(back);
    connect(back, &QPushButton::clicked, this, [this] { emit go({Place::Page::Client, m_id}); });

    auto *content = new QWidget;
    auto *body = new QVBoxLayout(content);
    body->setContentsMargins(20, 16, 20, 20);
    body->setSpacing(14);
    body->addWidget(buildGeneral());
    body->addWidget(m_github);
    body->addWidget(m_registries);
    auto *scope = new QHBoxLayout;
    m_scope = new QComboBox;
    m_scope->setAccessibleName(tr("Settings for"));
    m_scope->setMinimumWidth(theme().px(260));
    m_scope->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    scope->addWidget(label(tr("Settings for"), theme().strong));
    scope->addWidget(m_scope);
    scope->addStretch(1);
    body->addLayout(scope);
    body->addWidget(m_editor);
    body->addStretch(1);
    layout->addWidget(scrolled(content), 1);

    connect(m_scope, &QComboBox::currentIndexChanged, this, [this] {
        m_editor->forgetTyped();
        refreshEditor();
    });
    connect(m_editor, &SettingsEditor::edited, this, &ClientSettingsPage::saveOverrides);
    connect(m_registries, &RegistryPanel::said, this, &ClientSettingsPage::said);
    connect(m_github, &GitHubPanel::browse, this, &ClientSettingsPage::browse);
    connect(m_services.workspace, &WorkspaceService::clientChanged, this,
            [this](const QString &id) {
                if (id == m_id)
                    refresh();
            });
    connect(m_services.workspace, &WorkspaceService::agencyChanged, this,
            &ClientSettingsPage::refreshEditor);
}

QWidget *ClientSettingsPage::buildGeneral()
{
    QVBoxLayout *inner = nullptr;
    QFrame *frame = card(&inner);
    inner->addWidget(heading(tr("Client")));
    auto *row = new QHBoxLayout;
    m_name = new QLineEdit;
    m_name->setAccessibleName(tr("Name"));
    row->addWidget(label(tr("Name"), theme().font));
    row->addWidget(m_name, 2);
    m_colours = new QButtonGroup(this);
    for (int i = 0; i < colours; ++i) {
        auto *one = chip({});
        one->setIcon(colourIcon(i));
        one->setAccessibleName(tr("Colour %1").arg(i + 1));
        one->setToolTip(plainTip(one->accessibleName()));
        m_colours->addButton(one, i);
        row->addWidget(one);
    }
    inner->addLayout(row);
    auto *ends = new QHBoxLayout;
    m_archive = new QPushButton(tr("Archive"));
    m_archive->setToolTip(tr("No schedule runs for it any more; everything is kept"));
    auto *remove = new QPushButton(tr("Remove client"));
    remove->setProperty("danger", true);
    remove->setToolTip(tr("Destroys its key: nothing of it can ever be read again"));
    ends->addWidget(m_archive);
    ends->addWidget(remove);
    ends->addStretch(1);
    inner->addLayout(ends);
    connect(m_name, &QLineEdit::editingFinished, this, [this] {
        const ClientOverview *overview = m_services.workspace->client(m_id);
        if (!overview || m_name->text().simplified() == overview->client.name)
            return;
        Client client = overview->client;
        client.name = m_name->text();
        save(client);
    });
    connect(m_colours, &QButtonGroup::idClicked, this, [this](int colour) {
        if (const ClientOverview *overview = m_services.workspace->client(m_id)) {
            Client client = overview->client;
            client.colour = colour;
            save(client);
        }
    });
    connect(m_archive, &QPushButton::clicked, this, [this] {
        if (const ClientOverview *overview = m_services.workspace->client(m_id)) {
            Client client = overview->client;
            client.archived = !client.archived;
            save(client);
        }
    });
    connect(remove, &QPushButton::clicked, this, [this] { emit removeRequested(m_id); });
    return frame;
}

void ClientSettingsPage::setClient(const QString &id)
{
    if (id != m_id) {
        // What stands half typed in a field belongs to the client that was shown.
        if (QWidget *focused = focusWidget())
            focused->clearFocus();
        m_id = id;
        m_name->clear();
        m_editor->forgetTyped();
        const QSignalBlocker blocker(m_scope);
        m_scope->clear();
    }
    m_github->setClient(id);
    m_registries->setClient(id);
    refresh();
}

void ClientSettingsPage::refresh()
{
    const ClientOverview *overview = m_services.workspace->client(m_id);
    if (!overview)
        return;
    const Client &client = overview->client;
    m_mark->setClient(client.name, client.colour);
    m_title->setText(tr("%1: settings").arg(client.name));
    if (!m_name->hasFocus() || m_name->text().isEmpty())
        m_name->setText(client.name);
    if (QAbstractButton *one = m_colours->button(client.colour))
        one->setChecked(true);
    m_archive->setText(client.archived ? tr("Restore") : tr("Archive"));
    QSignalBlocker blocker(m_scope);
    const QString chosen = m_scope->currentData().toString();
    m_scope->clear();
    m_scope->addItem(tr("the whole client"), QString());
    for (const RepositoryOverview &one : overview->repositories)
        m_scope->addItem(one.repository.title(), one.repository.id);
    m_scope->setCurrentIndex(std::max(0, m_scope->findData(chosen)));
    refreshEditor();
}

void ClientSettingsPage::refreshEditor()
{
    const ClientOverview *overview = m_services.workspace->client(m_id);
    if (!overview)
        return;
    const QString repositoryId = m_scope->currentData().toString();
    const RepositoryOverview *one = overview->repository(repositoryId);
    m_editor->show(one ? SettingLevel::Repository : SettingLevel::Client,
                   one ? one->repository.overrides : overview->client.overrides,
                   m_services.workspace->settingsOf(m_id, repositoryId));
}

void ClientSettingsPage::save(const Client &client)
{
    m_services.workspace->saveClient(client).then(this, [this](const Result<> &done) {
        if (!done)
            emit said(done.error().message);
    });
}

void ClientSettingsPage::saveOverrides(const SettingOverrides &overrides)
{
    const ClientOverview *overview = m_services.workspace->client(m_id);
    if (!overview)
        return;
    if (const RepositoryOverview *one = overview->repository(m_scope->currentData().toString())) {
        ClientRepository repository = one->repository;
        repository.overrides = overrides;
        m_services.workspace->saveRepository(repository).then(this, [this](const Result<> &done) {
            if (!done)
                emit said(done.error().message);
        });
        return;
    }
    Client client = overview->client;
    client.overrides = overrides;
    save(client);
}

} // namespace ovvoc
