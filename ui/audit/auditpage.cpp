#include "audit/auditpage.h"

#include "audit/auditwords.h"
#include "format.h"
#include "theme/theme.h"
#include "widgets/basics.h"
#include "widgets/clientbox.h"
#include "widgets/columnfitter.h"
#include "widgets/emptystate.h"

#include <QComboBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QProgressBar>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>

namespace ovvoc {

AuditPage::AuditPage(const Services &services, QWidget *parent)
    : QWidget(parent)
    , m_services(services)
    , m_model(new AuditModel(services.workspace, this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    QBoxLayout *head = nullptr;
    layout->addWidget(pageHeader(&head));
    head->addWidget(label(tr("Audit"), theme().title));
    head->addStretch(1);
    auto *save = new QPushButton(tr("Export…"));
    save->setToolTip(tr("JSON Lines with the public key; verifies anywhere, without this program"));
    m_verify = primaryButton(tr("Verify"));
    m_verify->setToolTip(tr("Looks at every entry: its hash, its place, the signatures"));
    head->addWidget(save);
    head->addWidget(m_verify);

    auto *body = new QVBoxLayout;
    body->setContentsMargins(20, 16, 20, 20);
    body->setSpacing(12);
    m_banner = new QFrame;
    m_banner->setObjectName("banner");
    auto *banner = new QVBoxLayout(m_banner);
    banner->setContentsMargins(16, 12, 16, 12);
    m_verdict = label({}, theme().strong);
    m_verdict->setWordWrap(true);
    m_problems = label({}, theme().font);
    m_problems->setWordWrap(true);
    m_progress = new QProgressBar;
    m_progress->setTextVisible(false);
    m_progress->setAccessibleName(tr("Progress of verification"));
    banner->addWidget(m_verdict);
    banner->addWidget(m_progress);
    banner->addWidget(m_problems);
    m_banner->hide();
    body->addWidget(m_banner);
    auto *bar = new QHBoxLayout;
    bar->setSpacing(8);
    buildFilters(bar);
    body->addLayout(bar);
    QVBoxLayout *inner = nullptr;
    QFrame *frame = card(&inner);
    inner->setContentsMargins(1, 4, 1, 4);
    m_table = makeTable(m_model, tr("Audit log"), AuditModel::What);
    setDispensable(m_table, {AuditModel::Number, AuditModel::Actor, AuditModel::Result_});
    m_empty = new EmptyState;
    m_empty->setTexts(tr("Opening…"), {});
    inner->addWidget(withEmptyState(m_table, m_model, m_empty));
    body->addWidget(frame, 1);
    layout->addLayout(body, 1);

    connect(m_table, &QTableView::activated, this, [this](const QModelIndex &index) {
        const AuditEntry &entry = m_model->entry(index.row());
        if (!entry.job.isEmpty())
            emit go({Place::Page::Job, entry.job});
        else if (m_services.workspace->client(entry.clientId))
            emit go({Place::Page::Client, entry.clientId});
    });
    connect(m_verify, &QPushButton::clicked, this, &AuditPage::verify);
    connect(m_services.workspace, &WorkspaceService::verifyProgress, this,
            [this](qint64 done, qint64 total) {
                m_progress->setMaximum(int(std::max<qint64>(1, total)));
                m_progress->setValue(int(done));
            });
    connect(save, &QPushButton::clicked, this, [this] {
        auto *dialog = new QFileDialog(this, tr("Export the audit log"), QString(),
                                       tr("JSON Lines (*.jsonl)"));
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setAcceptMode(QFileDialog::AcceptSave);
        dialog->setDefaultSuffix("jsonl");
        connect(dialog, &QFileDialog::fileSelected, this, &AuditPage::exportTo);
        dialog->open();
    });
    connect(m_model, &AuditModel::loaded, this,
            [this] { m_empty->setTexts(tr("No entry matches"), tr("Other filters show more.")); });
    connect(m_model, &AuditModel::failed, this, [this](const Error &error) {
        m_empty->setTexts(tr("The audit log cannot be read"), error.message);
    });
    connect(m_services.workspace, &WorkspaceService::auditGrew, this, [this] {
        if (isVisible())
            m_model->lookForNew();
    });
    connect(m_services.workspace, &WorkspaceService::stateChanged, this, [this] {
        if (m_services.workspace->isReady())
            applyFilter();
    });
    if (m_services.workspace->isReady())
        applyFilter();
}

void AuditPage::buildFilters(QLayout *bar)
{
    const auto box = [bar](const QString &name) {
        auto *made = new QComboBox;
        made->setAccessibleName(name);
        made->setToolTip(plainTip(name));
        made->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        made->setMinimumContentsLength(12);
        bar->addWidget(made);
        return made;
    };
    m_client = new ClientBox(m_services.workspace);
    bar->addWidget(m_client);
    connect(m_client, &ClientBox::chosen, this, &AuditPage::applyFilter);
    m_action = box(tr("Action"));
    for (const auto &[prefix, title] : auditGroups())
        m_action->addItem(title, prefix);
    m_time = box(tr("Time"));
    m_time->addItem(tr("Any time"), 0);
    for (const int days : {1, 7, 30, 365})
        m_time->addItem(tr("last %n day(s)", nullptr, days), days);
    m_actor = new QLineEdit;
    m_actor->setPlaceholderText(tr("Who (whole name)"));
    m_actor->setAccessibleName(tr("Who"));
    m_actor->setClearButtonEnabled(true);
    bar->addWidget(m_actor);
    for (QComboBox *one : {m_action, m_time})
        connect(one, &QComboBox::currentIndexChanged, this, &AuditPage::applyFilter);
    connect(m_actor, &QLineEdit::editingFinished, this, &AuditPage::applyFilter);
}

void AuditPage::applyFilter()
{
    AuditFilter filter;
    filter.clientId = m_client->clientId();
    filter.action = m_action->currentData().toString();
    filter.actor = m_actor->text().trimmed();
    if (const int days = m_time->currentData().toInt(); days > 0)
        filter.from = QDateTime::currentDateTimeUtc().addDays(-days);
    m_model->setFilter(filter);
}

void AuditPage::verify()
{
    m_verify->setEnabled(false);
    m_banner->show();
    m_progress->setRange(0, 0);
    m_progress->show();
    m_problems->hide();
    m_verdict->setText(tr("Verifying every entry…"));
    m_verdict->setTone(Tone::Plain);
    m_services.workspace->verifyAudit().then(
        this, [this](const Result<AuditVerdict> &verdict) { show(verdict); });
}

void AuditPage::show(const Result<AuditVerdict> &verdict)
{
    m_verify->setEnabled(true);
    m_progress->hide();
    QStringList problems;
    if (!verdict) {
        m_verdict->setText(tr("The log could not be verified: %1").arg(verdict.error().message));
        m_verdict->setTone(Tone::Bad);
    } else if (verdict->holds()) {
        m_verdict->setText(tr("✓ The log holds. %1 entries, %2 signatures; nothing was changed, "
                              "removed, put in or put back.")
                               .arg(verdict->entries)
                               .arg(verdict->checkpoints));
        m_verdict->setTone(Tone::Good);
        if (verdict->unreadable > 0)
            problems << tr("The details of %n entries were erased with their client; their place "
                           "in the chain holds.",
                           nullptr, int(verdict->unreadable));
    } else {
        m_verdict->setText(tr("✕ The log does not hold."));
        m_verdict->setTone(Tone::Bad);
        for (const AuditVerdict::Problem &problem : verdict->problems)
            problems << problem.text;
    }
    m_problems->setText(problems.mid(0, 8).join('\n'));
    m_problems->setVisible(!problems.isEmpty());
}

QString AuditPage::verdict() const
{
    return m_banner->isVisibleTo(this) && !m_progress->isVisibleTo(this) ? m_verdict->text()
                                                                         : QString();
}

void AuditPage::exportTo(const QString &path)
{
    m_services.workspace->exportAudit(m_model->filter(), path)
        .then(this, [this, path](const Result<> &done) {
            emit said(done ? tr("The audit log was written to %1").arg(path)
                           : done.error().message);
        });
}

} // namespace ovvoc
