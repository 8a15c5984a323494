#include "job/resultview.h"

#include "format.h"
#include "jobs/reports.h"
#include "theme/theme.h"
#include "widgets/textlabel.h"

#include <QApplication>
#include <QClipboard>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextBrowser>
#include <QTextDocument>
#include <QTextFrame>
#include <QTextTable>
#include <QTimer>
#include <QToolButton>
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

/// "&" would become a shortcut.
QString menuText(QString text)
{
    return text.replace('&', QLatin1String("&&"));
}

} // namespace

ResultView::ResultView(QWidget *parent)
    : QWidget(parent)
    , m_title(new TextLabel)
    , m_place(new TextLabel)
    , m_text(new QuietBrowser)
    , m_copy(new QPushButton(tr("Copy as Markdown")))
    , m_steps(new QWidget)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 8);
    auto *head = new QHBoxLayout;
    auto *words = new QVBoxLayout;
    m_title->setFont(theme().title);
    m_title->setWordWrap(true);
    m_place->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_place->setWordWrap(true);
    words->addWidget(m_title);
    words->addWidget(m_place);
    head->addLayout(words, 1);
    head->addWidget(m_copy, 0, Qt::AlignTop);
    layout->addLayout(head);
    m_stepRow = new QHBoxLayout(m_steps);
    m_stepRow->setContentsMargins(0, 6, 0, 6);
    m_steps->hide();
    layout->addWidget(m_steps);
    layout->addWidget(m_text, 1);
    m_text->setOpenLinks(false);
    m_text->setAccessibleName(tr("Result"));
    connect(m_copy, &QPushButton::clicked, this, [this] {
        QApplication::clipboard()->setText(m_markdown);
        m_copy->setText(tr("Copied"));
    });
}

void ResultView::setRun(const RunReport &run)
{
    // A run of one job says nothing that the job does not.
    const QString text = run.cells > 1 ? markdownOf(run) : QString();
    if (text == m_run)
        return;
    m_run = text;
    if (m_job.isOver())
        setJob(m_job);
}

void ResultView::setJob(const Job &job)
{
    m_job = job;
    QString title = job.summary, place, text;
    Tone tone = Tone::Plain;
    if (job.failure) {
        text = failureMarkdown(job);
        title = tr("%1 failed").arg(toString(job.failure->phase));
        place = proposedText(job);
        tone = Tone::Bad;
    } else if (job.proposal) {
        text = job.proposalBody;
        title = job.proposalTitle;
        place = job.proposal->number > 0
            ? tr("Pull request #%1 · branch %2").arg(job.proposal->number).arg(job.proposal->branch)
            : tr("Branch %1 · text kept in %2").arg(job.proposal->branch, job.proposal->location);
        tone = Tone::Good;
    } else if (job.outcome == Outcome::Cancelled) {
        place = proposedText(job);
    }
    QList<NextStep> steps = nextSteps(job);
    // Of a repository without a client there are no settings to change.
    if (job.request.clientId == QLatin1String("local"))
        steps.removeIf(
            [](const NextStep &step) { return step.kind != NextStep::Kind::RunWithout; });
    showSteps(steps);
    if (!m_run.isEmpty())
        text += (text.isEmpty() ? QString() : QStringLiteral("\n\n---\n\n")) + m_run;
    if (text == m_markdown && m_title->text() == title)
        return;
    m_markdown = text;
    m_title->setText(title);
    m_title->setTone(tone);
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
    dress();
    m_text->moveCursor(QTextCursor::Start);
    // The layout is done a moment later and would scroll again.
    QTimer::singleShot(0, m_text, [text = m_text] { text->verticalScrollBar()->setValue(0); });
}

/// The first ones as buttons, the rest in a menu: there is always room for these.
void ResultView::showSteps(const QList<NextStep> &steps)
{
    if (steps == m_shown)
        return;
    m_shown = steps;
    while (QLayoutItem *item = m_stepRow->takeAt(0)) {
        if (QWidget *widget = item->widget())
            widget->deleteLater();
        delete item;
    }
    m_steps->setVisible(!steps.isEmpty());
    constexpr int asButtons = 2, longest = 44;
    for (const NextStep &step : steps.mid(0, asButtons)) {
        auto *button = new QPushButton(menuText(shortened(step.text, longest)));
        button->setAccessibleName(step.text);
        button->setToolTip(plainTip(step.text + '\n' + step.command));
        button->setAutoDefault(false);
        m_stepRow->addWidget(button);
        connect(button, &QPushButton::clicked, this, [this, step, button] {
            // Skipping twice does nothing more.
            button->setEnabled(step.kind != NextStep::Kind::Skip);
            emit stepChosen(step);
        });
    }
    if (steps.size() > asButtons) {
        auto *more = new QToolButton;
        more->setText(tr("More"));
        more->setFocusPolicy(Qt::TabFocus);
        more->setPopupMode(QToolButton::InstantPopup);
        auto *menu = new QMenu(more);
        for (const NextStep &step : steps.mid(asButtons))
            menu->addAction(menuText(shortened(step.text, 80)), this,
                            [this, step] { emit stepChosen(step); });
        more->setMenu(menu);
        m_stepRow->addWidget(more);
    }
    m_stepRow->addStretch(1);
}

/// Markdown comes without looks of its own: gives it the window's.
void ResultView::dress()
{
    QTextDocument *document = m_text->document();
    document->setDocumentMargin(0);
    for (QTextBlock block = document->begin(); block.isValid(); block = block.next()) {
        QTextCursor cursor(block);
        QTextBlockFormat format = block.blockFormat();
        if (format.headingLevel() > 0) {
            format.setTopMargin(16);
            format.setBottomMargin(4);
            cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
            QTextCharFormat words;
            words.setFont(theme().strong);
            words.setProperty(QTextFormat::FontPixelSize, format.headingLevel() == 1 ? 17 : 14);
            words.setProperty(QTextFormat::FontSizeAdjustment, 0);
            cursor.mergeCharFormat(words);
        } else {
            format.setLineHeight(3, QTextBlockFormat::LineDistanceHeight);
        }
        cursor.mergeBlockFormat(format);
        for (auto it = block.begin(); !it.atEnd(); ++it) {
            const QTextCharFormat before = it.fragment().charFormat();
            if (!before.fontFixedPitch())
                continue;
            QTextCursor part(document);
            part.setPosition(it.fragment().position());
            part.setPosition(it.fragment().position() + it.fragment().length(),
                             QTextCursor::KeepAnchor);
            QTextCharFormat mono;
            mono.setFont(theme().mono);
            part.mergeCharFormat(mono);
        }
    }
    for (QTextFrame *frame : document->rootFrame()->childFrames()) {
        auto *table = qobject_cast<QTextTable *>(frame);
        if (!table)
            continue;
        QTextTableFormat format = table->format();
        format.setBorder(0);
        format.setCellPadding(6);
        format.setCellSpacing(0);
        format.setTopMargin(8);
        table->setFormat(format);
    }
}

} // namespace ovvoc
