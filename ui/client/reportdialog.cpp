#include "client/reportdialog.h"

#include "theme/theme.h"
#include "widgets/basics.h"

#include <QFileDialog>
#include <QFormLayout>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

namespace ovvoc {

namespace {

constexpr int monthsBack = 12;

/// A file's name of it: no slash, nothing that a shell takes for more.
QString fileName(QString client, const ReportSpan &span)
{
    for (QChar &c : client) {
        if (!c.isLetterOrNumber())
            c = '-';
    }
    return QStringLiteral("%1-%2-%3.pdf")
        .arg(client.left(60), span.from.toString(Qt::ISODate), span.to.toString(Qt::ISODate));
}

} // namespace

ReportDialog::ReportDialog(const QString &client, QWidget *parent)
    : QDialog(parent)
    , m_client(client)
    , m_which(new QComboBox)
    , m_from(new QDateEdit)
    , m_to(new QDateEdit)
{
    setWindowTitle(tr("Report for %1").arg(client));
    setAttribute(Qt::WA_DeleteOnClose);
    setMinimumWidth(theme().px(440));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 20, 24, 20);
    layout->setSpacing(12);
    auto *words =
        label(tr("What was updated, what waits, what did not pass and why. Made from kept "
                 "metadata; no code is in it."),
              theme().font, Tone::Muted);
    words->setWordWrap(true);
    layout->addWidget(words);
    auto *form = new QFormLayout;
    form->addRow(tr("Days"), m_which);
    form->addRow(tr("From"), m_from);
    form->addRow(tr("To"), m_to);
    layout->addLayout(form);
    const QDate today = QDateTime::currentDateTimeUtc().date();
    const QDate month(today.year(), today.month(), 1);
    m_which->addItem(tr("The last 30 days"), QDate());
    for (int back = 0; back < monthsBack; ++back) {
        const QDate first = month.addMonths(-back);
        m_which->addItem(QLocale().toString(first, QStringLiteral("MMMM yyyy")), first);
    }
    m_which->addItem(tr("Other days"));
    for (QDateEdit *edit : {m_from, m_to}) {
        edit->setCalendarPopup(true);
        edit->setMaximumDate(today.addDays(31));
    }
    m_from->setDate(today.addDays(-29));
    m_to->setDate(today);
    auto *buttons = new QHBoxLayout;
    auto *close = new QPushButton(tr("Close"));
    QPushButton *save = primaryButton(tr("Save…"));
    buttons->addStretch(1);
    buttons->addWidget(close);
    buttons->addWidget(save);
    layout->addLayout(buttons);
    save->setDefault(true);
    close->setAutoDefault(false);
    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    connect(save, &QPushButton::clicked, this, &ReportDialog::askFile);
    connect(m_which, &QComboBox::currentIndexChanged, this, &ReportDialog::showDays);
    showDays();
}

void ReportDialog::showDays()
{
    const bool own = m_which->currentIndex() == m_which->count() - 1;
    m_from->setEnabled(own);
    m_to->setEnabled(own);
    if (own)
        return;
    const QDate today = QDateTime::currentDateTimeUtc().date();
    const QDate first = m_which->currentData().toDate();
    m_from->setDate(first.isValid() ? first : today.addDays(-29));
    m_to->setDate(first.isValid() ? first.addMonths(1).addDays(-1) : today);
}

ReportSpan ReportDialog::span() const
{
    const QDate from = m_from->date(), to = m_to->date();
    return {std::min(from, to), std::max(from, to)};
}

void ReportDialog::askFile()
{
    auto *dialog = new QFileDialog(this, tr("Save the report"), fileName(m_client, span()),
                                   tr("PDF (*.pdf);;Web page (*.html);;Table (*.csv)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("pdf"));
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString &filter) {
        for (const char *suffix : {"pdf", "html", "csv"}) {
            if (filter.contains(QLatin1String(suffix)))
                dialog->setDefaultSuffix(QLatin1String(suffix));
        }
    });
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        emit chosen(span(), path);
        accept();
    });
    dialog->open();
}

} // namespace ovvoc
