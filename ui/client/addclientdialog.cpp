#include "client/addclientdialog.h"

#include "theme/theme.h"
#include "widgets/basics.h"

#include <QLineEdit>
#include <QVBoxLayout>

namespace ovvoc {

AddClientDialog::AddClientDialog(const Services &services, QWidget *parent)
    : QDialog(parent)
    , m_services(services)
    , m_name(new QLineEdit)
    , m_error(label({}, theme().font, Tone::Bad))
    , m_github(primaryButton(tr("Add, and connect GitHub")))
    , m_plain(new QPushButton(tr("Add only")))
{
    setWindowTitle(tr("Add a client"));
    setAttribute(Qt::WA_DeleteOnClose);
    setMinimumWidth(theme().px(460));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 20, 24, 20);
    layout->setSpacing(12);
    TextLabel *words = label(
        tr("A client is a customer: repositories, one GitHub App, limits and settings of its own. "
           "Nothing crosses between two clients."),
        theme().font, Tone::Muted);
    words->setWordWrap(true);
    m_name->setPlaceholderText(tr("Name, for example Bakery Aurora"));
    m_name->setAccessibleName(tr("Name of the client"));
    m_name->setMaxLength(100);
    m_error->setWordWrap(true);
    m_error->hide();
    layout->addWidget(words);
    layout->addWidget(m_name);
    layout->addWidget(m_error);
    auto *buttons = new QHBoxLayout;
    auto *cancel = new QPushButton(tr("Cancel"));
    cancel->setAutoDefault(false);
    m_plain->setAutoDefault(false);
    m_github->setDefault(true);
    buttons->addWidget(cancel);
    buttons->addStretch(1);
    buttons->addWidget(m_plain);
    buttons->addWidget(m_github);
    layout->addLayout(buttons);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_github, &QPushButton::clicked, this, [this] { add(true); });
    connect(m_plain, &QPushButton::clicked, this, [this] { add(false); });
    m_name->setFocus();
}

void AddClientDialog::add(bool connectGitHub)
{
    m_github->setEnabled(false);
    m_plain->setEnabled(false);
    m_services.workspace->addClient(m_name->text())
        .then(this, [this, connectGitHub](const Result<Client> &client) {
            m_github->setEnabled(true);
            m_plain->setEnabled(true);
            if (!client) {
                m_error->setText(client.error().message);
                m_error->show();
                m_name->setFocus();
                return;
            }
            emit added(client->id, connectGitHub);
            accept();
        });
}

} // namespace ovvoc
