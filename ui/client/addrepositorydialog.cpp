#include "client/addrepositorydialog.h"

#include "theme/theme.h"
#include "widgets/basics.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

namespace ovvoc {

AddRepositoryDialog::AddRepositoryDialog(const Services &services, const QString &clientId,
                                         QWidget *parent)
    : QDialog(parent)
    , m_services(services)
    , m_clientId(clientId)
    , m_list(new QListWidget)
    , m_filter(new QLineEdit)
    , m_folder(new QLineEdit)
    , m_branch(new QLineEdit)
    , m_state(label({}, theme().font, Tone::Muted))
    , m_error(label({}, theme().font, Tone::Bad))
    , m_add(primaryButton(tr("Add chosen")))
    , m_addFolder(new QPushButton(tr("Add folder")))
{
    setWindowTitle(tr("Add repositories"));
    setAttribute(Qt::WA_DeleteOnClose);
    setMinimumWidth(theme().px(560));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 20, 24, 20);
    layout->setSpacing(10);
    layout->addWidget(heading(tr("From GitHub")));
    m_state->setWordWrap(true);
    layout->addWidget(m_state);
    m_filter->setPlaceholderText(tr("Filter"));
    m_filter->setAccessibleName(tr("Filter repositories"));
    m_list->setAccessibleName(tr("Repositories that the App may touch"));
    m_list->setMinimumHeight(theme().px(180));
    layout->addWidget(m_filter);
    layout->addWidget(m_list, 1);
    m_branch->setPlaceholderText(tr("Branch (empty: the default one)"));
    m_branch->setAccessibleName(tr("Branch"));
    auto *chosen = new QHBoxLayout;
    chosen->addWidget(m_branch, 1);
    chosen->addWidget(m_add);
    layout->addLayout(chosen);
    layout->addSpacing(8);
    layout->addWidget(heading(tr("A folder on this machine")));
    auto *row = new QHBoxLayout;
    m_folder->setPlaceholderText(tr("Folder of a git repository"));
    m_folder->setAccessibleName(tr("Folder"));
    auto *browse = new QPushButton(tr("Choose…"));
    row->addWidget(m_folder, 1);
    row->addWidget(browse);
    row->addWidget(m_addFolder);
    layout->addLayout(row);
    m_error->setWordWrap(true);
    m_error->hide();
    layout->addWidget(m_error);
    auto *close = new QPushButton(tr("Close"));
    layout->addWidget(close, 0, Qt::AlignRight);
    for (QPushButton *button : {m_add, m_addFolder, browse, close})
        button->setAutoDefault(false);
    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_add, &QPushButton::clicked, this, &AddRepositoryDialog::addChosen);
    connect(m_addFolder, &QPushButton::clicked, this, &AddRepositoryDialog::addFolder);
    m_list->installEventFilter(this);
    connect(m_folder, &QLineEdit::returnPressed, this, &AddRepositoryDialog::addFolder);
    connect(browse, &QPushButton::clicked, this, [this] {
        auto *dialog = new QFileDialog(this, tr("Repository"));
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(QFileDialog::Directory);
        connect(dialog, &QFileDialog::fileSelected, m_folder, &QLineEdit::setText);
        dialog->open();
    });
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        for (int i = 0; i < m_list->count(); ++i)
            m_list->item(i)->setHidden(
                !m_list->item(i)->text().contains(text, Qt::CaseInsensitive));
    });
    load();
}

/// Space ticks, Return takes what is ticked; with nothing ticked, the line it is on. (Not by
/// itemActivated(): on some desktops a single click is that as well.)
bool AddRepositoryDialog::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_list || event->type() != QEvent::KeyPress)
        return QDialog::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent *>(event)->key();
    if (key != Qt::Key_Return && key != Qt::Key_Enter)
        return QDialog::eventFilter(watched, event);
    QListWidgetItem *item = m_list->currentItem();
    if (checked().isEmpty() && item && (item->flags() & Qt::ItemIsEnabled))
        item->setCheckState(Qt::Checked);
    addChosen();
    return true;
}

void AddRepositoryDialog::load()
{
    const ClientOverview *overview = m_services.workspace->client(m_clientId);
    const bool connected =
        overview && overview->client.github && !overview->client.github->keyEntry.isEmpty();
    for (QWidget *widget : {static_cast<QWidget *>(m_filter), static_cast<QWidget *>(m_list),
                            static_cast<QWidget *>(m_branch), static_cast<QWidget *>(m_add)})
        widget->setVisible(connected);
    if (!connected) {
        m_state->setText(tr("This client has no GitHub App yet. Connect one in its settings."));
        m_folder->setFocus();
        return;
    }
    m_state->setText(tr("Asking GitHub what the App may touch…"));
    m_services.workspace->installedRepositories(m_clientId)
        .then(this, [this](const Result<QList<InstalledRepository>> &all) {
            if (!all) {
                m_state->setText(all.error().message);
                m_state->setTone(Tone::Bad);
                return;
            }
            m_state->setText(all->isEmpty()
                                 ? tr("The App may touch no repository. Choose some in its "
                                      "installation on GitHub.")
                                 : tr("What the App may touch:"));
            const bool typing =
                focusWidget() && (focusWidget() != m_filter || !m_filter->text().isEmpty());
            for (const InstalledRepository &one : *all) {
                auto *item = new QListWidgetItem(one.fullName, m_list);
                item->setData(Qt::UserRole, one.id);
                item->setFlags(one.archived ? Qt::NoItemFlags
                                            : Qt::ItemIsEnabled | Qt::ItemIsSelectable
                                       | Qt::ItemIsUserCheckable);
                item->setCheckState(Qt::Unchecked);
            }
            if (!typing && m_list->count() > 0) {
                m_list->setCurrentRow(0);
                m_list->setFocus();
            }
        });
}

QList<QListWidgetItem *> AddRepositoryDialog::checked() const
{
    QList<QListWidgetItem *> items;
    for (int i = 0; i < m_list->count(); ++i) {
        if (m_list->item(i)->checkState() == Qt::Checked)
            items << m_list->item(i);
    }
    return items;
}

void AddRepositoryDialog::addChosen()
{
    QList<ClientRepository> chosen;
    for (const QListWidgetItem *item : checked()) {
        ClientRepository repository;
        repository.clientId = m_clientId;
        repository.kind = ClientRepository::Kind::GitHub;
        repository.owner = item->text().section('/', 0, 0);
        repository.name = item->text().section('/', 1);
        repository.forgeId = item->data(Qt::UserRole).toLongLong();
        repository.baseBranch = m_branch->text().trimmed();
        chosen << repository;
    }
    if (chosen.isEmpty())
        return say(tr("Tick at least one repository."));
    begin(chosen);
}

void AddRepositoryDialog::addFolder()
{
    const QFileInfo folder(m_folder->text().trimmed());
    if (!folder.isDir()) {
        m_folder->setFocus();
        return say(m_folder->text().trimmed().isEmpty()
                       ? tr("Choose the folder of a repository first.")
                       : tr("There is no folder %1.").arg(m_folder->text()));
    }
    ClientRepository repository;
    repository.clientId = m_clientId;
    repository.kind = ClientRepository::Kind::Local;
    repository.path = folder.canonicalFilePath();
    repository.name = QFileInfo(repository.path).fileName();
    begin({repository});
}

/// However often Return is pressed, it is done once.
void AddRepositoryDialog::begin(const QList<ClientRepository> &repositories)
{
    if (m_adding)
        return;
    setAdding(true);
    addNext(repositories);
}

void AddRepositoryDialog::setAdding(bool adding)
{
    m_adding = adding;
    m_add->setEnabled(!adding);
    m_addFolder->setEnabled(!adding);
}

/// One after the other; the dialog closes when all are in.
void AddRepositoryDialog::addNext(QList<ClientRepository> rest)
{
    if (rest.isEmpty()) {
        accept();
        return;
    }
    const ClientRepository next = rest.takeFirst();
    m_services.workspace->addRepository(next).then(
        this, [this, rest](const Result<ClientRepository> &done) {
            if (!done) {
                setAdding(false);
                return say(done.error().message);
            }
            emit added(m_clientId, done->id);
            addNext(rest);
        });
}

void AddRepositoryDialog::say(const QString &text)
{
    m_error->setText(text);
    m_error->show();
}

} // namespace ovvoc
