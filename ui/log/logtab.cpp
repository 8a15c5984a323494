#include "log/logtab.h"

#include "theme/theme.h"
#include "widgets/basics.h"

#include <QComboBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QSaveFile>
#include <QShortcut>
#include <QVBoxLayout>

namespace ovvoc {

LogTab::LogTab(LogDocument *document, QWidget *parent)
    : QWidget(parent)
    , m_document(document)
    , m_view(new LogView)
    , m_find(new QLineEdit)
    , m_count(label({}, theme().small, Tone::Muted))
    , m_filter(chip(tr("Only matches")))
    , m_follow(chip(tr("Follow")))
    , m_wrap(chip(tr("Wrap")))
    , m_phase(new QComboBox)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(12, 6, 12, 6);
    bar->setSpacing(6);
    m_find->setPlaceholderText(tr("Find, also a regular expression (Ctrl+F)"));
    m_find->setAccessibleName(tr("Find in the log"));
    m_find->setClearButtonEnabled(true);
    auto *previous = quietButton(QStringLiteral("↑"));
    previous->setAccessibleName(tr("Previous match"));
    previous->setToolTip(tr("Previous match (Shift+F3)"));
    auto *next = quietButton(QStringLiteral("↓"));
    next->setAccessibleName(tr("Next match"));
    next->setToolTip(tr("Next match (F3)"));
    m_filter->setToolTip(tr("Show only the lines that match"));
    m_follow->setChecked(true);
    m_follow->setToolTip(tr("Stay at the end; stops when one scrolls"));
    m_wrap->setToolTip(tr("Break long lines"));
    m_phase->setAccessibleName(tr("Jump to a phase"));
    m_phase->setToolTip(tr("Jump to a phase"));
    m_phase->setPlaceholderText(tr("Phase"));
    for (const PhaseKind kind :
         {PhaseKind::Create, PhaseKind::Clone, PhaseKind::Analyze, PhaseKind::Transform,
          PhaseKind::Build, PhaseKind::Test, PhaseKind::PullRequest, PhaseKind::Destroy})
        m_phase->addItem(toString(kind), int(kind));
    m_phase->setCurrentIndex(-1);
    auto *save = quietButton(tr("Save…"));
    save->setToolTip(tr("Secrets are masked; what is saved is on your disk from then on"));
    m_find->setMinimumWidth(theme().px(60));
    m_count->setMinimumWidth(theme().px(20));
    bar->addWidget(m_find, 1);
    for (QWidget *widget : {static_cast<QWidget *>(m_count), static_cast<QWidget *>(previous),
                            static_cast<QWidget *>(next), static_cast<QWidget *>(m_filter),
                            static_cast<QWidget *>(m_wrap), static_cast<QWidget *>(m_follow),
                            static_cast<QWidget *>(m_phase), static_cast<QWidget *>(save)})
        bar->addWidget(widget);
    layout->addLayout(bar);
    layout->addWidget(m_view, 1);
    m_view->setDocument(document);

    connect(m_find, &QLineEdit::textChanged, this, &LogTab::search);
    connect(m_find, &QLineEdit::returnPressed, this, [this] { m_view->findNext(false); });
    connect(previous, &QPushButton::clicked, this, [this] { m_view->findNext(true); });
    connect(next, &QPushButton::clicked, this, [this] { m_view->findNext(false); });
    connect(m_filter, &QPushButton::toggled, m_view, &LogView::setFiltering);
    connect(m_wrap, &QPushButton::toggled, m_view, &LogView::setWrapping);
    connect(m_follow, &QPushButton::clicked, m_view, &LogView::setFollowing);
    connect(m_view, &LogView::followingChanged, m_follow, &QPushButton::setChecked);
    connect(m_view, &LogView::matchesChanged, this, &LogTab::countMatches);
    connect(m_phase, &QComboBox::activated, this,
            [this] { m_view->showPhase(PhaseKind(m_phase->currentData().toInt())); });
    connect(save, &QPushButton::clicked, this, [this] {
        auto *dialog = new QFileDialog(this, tr("Save the log"), QString(), tr("Text (*.txt)"));
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setAcceptMode(QFileDialog::AcceptSave);
        dialog->setDefaultSuffix("txt");
        connect(dialog, &QFileDialog::fileSelected, this, &LogTab::save);
        dialog->open();
    });
    const auto key = [this](const QKeySequence &keys, auto slot) {
        auto *shortcut = new QShortcut(keys, this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, slot);
    };
    key(QKeySequence::FindNext, [this] { m_view->findNext(false); });
    key(QKeySequence::FindPrevious, [this] { m_view->findNext(true); });
}

void LogTab::focusFind()
{
    m_find->setFocus(Qt::ShortcutFocusReason);
    m_find->selectAll();
}

void LogTab::find(const QString &text)
{
    m_find->setText(QRegularExpression::escape(text));
}

void LogTab::search()
{
    const QString text = m_find->text();
    QRegularExpression pattern(text, QRegularExpression::CaseInsensitiveOption);
    // What is no regular expression is meant as it stands.
    if (!pattern.isValid())
        pattern.setPattern(QRegularExpression::escape(text));
    m_view->setPattern(text.isEmpty() ? QRegularExpression() : pattern);
    if (!text.isEmpty())
        m_view->findNext(false);
}

void LogTab::countMatches()
{
    m_count->setText(m_find->text().isEmpty() ? QString()
                                              : tr("%n line(s)", nullptr, m_view->matchingLines()));
}

void LogTab::save(const QString &path)
{
    if (!m_document)
        return;
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return emit said(tr("%1 cannot be written: %2").arg(path, file.errorString()));
    for (int i = 0; i < m_document->count(); ++i) {
        const LogDocument::Line &line = m_document->line(i);
        file.write(line.time.toUTC().toString(Qt::ISODateWithMs).toUtf8() + ' '
                   + line.styled.text.toUtf8() + '\n');
    }
    emit said(file.commit() ? tr("The log was saved to %1").arg(path)
                            : tr("%1 cannot be written: %2").arg(path, file.errorString()));
}

} // namespace ovvoc
