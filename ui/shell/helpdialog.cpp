#include "shell/helpdialog.h"

#include "theme/theme.h"
#include "widgets/basics.h"

#include <QGridLayout>
#include <QPushButton>
#include <QSysInfo>
#include <QVBoxLayout>

namespace ovvoc {

HelpDialog::HelpDialog(QWidget *parent)
    : QDialog(parent)
{
    setWindowTitle(tr("Help"));
    setAttribute(Qt::WA_DeleteOnClose);
    setMinimumWidth(theme().px(460));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 20, 24, 20);
    layout->setSpacing(12);
    layout->addWidget(heading(tr("Keys")));
    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(24);
    grid->setVerticalSpacing(6);
    const std::pair<QString, QString> keys[] = {
        {QStringLiteral("Ctrl+K"), tr("Find and do anything")},
        {QStringLiteral("Ctrl+1 … Ctrl+9"), tr("The pages and clients at the side")},
        {QStringLiteral("Alt+←  Alt+→"), tr("Back and forward")},
        {QStringLiteral("Ctrl+N"), tr("Update a folder on this machine")},
        {QStringLiteral("Ctrl+L"), tr("Filter what is shown")},
        {QStringLiteral("Ctrl+F"), tr("Search a job's log")},
        {QStringLiteral("Return"), tr("Open what is selected")},
        {QStringLiteral("Menu, Shift+F10"), tr("What can be done with it")},
        {QStringLiteral("Ctrl+Z"), tr("Undo a removal")},
        {QStringLiteral("Ctrl+,"), tr("Settings")},
        {QStringLiteral("F1"), tr("This page")},
        {QStringLiteral("Ctrl+Q"), tr("Quit")},
    };
    int row = 0;
    for (const auto &[key, words] : keys) {
        grid->addWidget(label(key, theme().mono), row, 0);
        grid->addWidget(label(words, theme().font), row++, 1);
    }
    grid->setColumnStretch(1, 1);
    layout->addLayout(grid);
    layout->addWidget(heading(tr("About")));
    TextLabel *about =
        selectable(label(tr("Ovvoc Desktop %1 · Qt %2 · %3")
                             .arg(QStringLiteral(OVVOC_VERSION), QString::fromLatin1(qVersion()),
                                  QSysInfo::prettyProductName()),
                         theme().font));
    about->setWordWrap(true);
    layout->addWidget(about);
    TextLabel *more =
        label(tr("MIT licence. The manual stands in the folder \"docs\" of the sources; "
                 "`ovvoc help` has the command line."),
              theme().small, Tone::Muted);
    more->setWordWrap(true);
    layout->addWidget(more);
    auto *buttons = new QHBoxLayout;
    auto *close = new QPushButton(tr("Close"));
    close->setDefault(true);
    buttons->addStretch(1);
    buttons->addWidget(close);
    layout->addLayout(buttons);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
}

} // namespace ovvoc
