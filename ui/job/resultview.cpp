#include "job/resultview.h"

#include "jobs/reports.h"
#include "theme/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QPushButton>
#include <QTextBrowser>
#include <QTextDocument>
#include <QVBoxLayout>

namespace ovvoc {

namespace {

/// Shows text only: nothing in a report may load a file or an address by itself.
class QuietBrowser final : public QTextBrowser
{
public:
    using QTextBrowser::QTextBrowser;
    QVariant loadResource(int, const QUrl &) override { return {}; }
};

} // namespace

ResultView::ResultView(QWidget *parent)
    : QWidget(parent)
    , m_title(new QLabel)
    , m_place(new QLabel)
    , m_text(new QuietBrowser)
    , m_copy(new QPushButton(tr("Copy as Markdown")))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 8);
    auto *head = new QHBoxLayout;
    auto *words = new QVBoxLayout;
    m_title->setFont(theme().title);
    m_title->setWordWrap(true);
    m_title->setTextFormat(Qt::PlainText);
    m_place->setTextFormat(Qt::PlainText);
    m_place->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_place->setWordWrap(true);
    words->addWidget(m_title);
    words->addWidget(m_place);
    head->addLayout(words, 1);
    head->addWidget(m_copy, 0, Qt::AlignTop);
    layout->addLayout(head);
    layout->addWidget(m_text, 1);
    m_text->setOpenLinks(false);
    m_text->setAccessibleName(tr("Result"));
    connect(m_copy, &QPushButton::clicked, this, [this] {
        QApplication::clipboard()->setText(m_markdown);
        m_copy->setText(tr("Copied"));
    });
}

void ResultView::setJob(const Job &job)
{
    QString title = job.summary, place, text;
    QColor colour = theme().text;
    if (job.failure) {
        text = failureMarkdown(job);
        title = tr("%1 failed").arg(toString(job.failure->phase));
        place = tr("Nothing was proposed. The repository is as it was.");
        colour = theme().bad;
    } else if (job.proposal) {
        text = job.proposalBody;
        title = job.proposalTitle;
        place = tr("Branch %1 · text kept in %2").arg(job.proposal->branch, job.proposal->location);
        colour = theme().good;
    } else if (job.outcome == Outcome::Cancelled) {
        place = tr("Nothing was proposed. The repository is as it was.");
    }
    if (text == m_markdown && m_title->text() == title)
        return;
    m_markdown = text;
    m_title->setText(title);
    QPalette palette = m_title->palette();
    palette.setColor(QPalette::WindowText, colour);
    m_title->setPalette(palette);
    m_place->setText(place);
    m_place->setVisible(!place.isEmpty());
    m_copy->setVisible(!text.isEmpty());
    m_copy->setText(tr("Copy as Markdown"));
    // Qt's Markdown reader may take HTML; a report holds text of the repository, so it may not.
    m_text->document()->setDefaultFont(theme().font);
    m_text->document()->setMarkdown(
        text,
        QTextDocument::MarkdownFeatures(QTextDocument::MarkdownDialectGitHub
                                        | QTextDocument::MarkdownNoHTML));
}

} // namespace ovvoc
