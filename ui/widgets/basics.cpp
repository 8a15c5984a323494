#include "widgets/basics.h"

#include "theme/theme.h"
#include "widgets/columnfitter.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QHeaderView>
#include <QScrollArea>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QTreeView>
#include <QVBoxLayout>

namespace ovvoc {

QFrame *card(QVBoxLayout **inner)
{
    auto *frame = new QFrame;
    frame->setObjectName("card");
    if (inner) {
        *inner = new QVBoxLayout(frame);
        (*inner)->setContentsMargins(16, 14, 16, 14);
        (*inner)->setSpacing(8);
    }
    return frame;
}

TextLabel *label(const QString &text, const QFont &font, Tone tone)
{
    auto *made = new TextLabel(text, tone);
    made->setFont(font);
    return made;
}

TextLabel *selectable(TextLabel *text)
{
    text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return text;
}

TextLabel *heading(const QString &text)
{
    return label(text, theme().strong);
}

TextLabel *pill(const QString &text)
{
    TextLabel *made = label(text, theme().small, Tone::Muted);
    made->setObjectName("pill");
    made->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    return made;
}

QPushButton *primaryButton(const QString &text)
{
    auto *button = new QPushButton(text);
    button->setProperty("primary", true);
    return button;
}

QPushButton *quietButton(const QString &text)
{
    auto *button = new QPushButton(text);
    button->setProperty("flat2", true);
    button->setCursor(Qt::PointingHandCursor);
    return button;
}

QPushButton *chip(const QString &text)
{
    auto *button = new QPushButton(text);
    button->setProperty("chip", true);
    button->setCheckable(true);
    return button;
}

QTableView *makeTable(QAbstractItemModel *model, const QString &accessibleName, int stretch,
                      int widest)
{
    auto *view = new QTableView;
    view->setModel(model);
    view->setAccessibleName(accessibleName);
    view->setShowGrid(false);
    view->setWordWrap(false);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    view->setTabKeyNavigation(false);
    view->setFrameShape(QFrame::NoFrame);
    view->verticalHeader()->hide();
    view->verticalHeader()->setDefaultSectionSize(theme().rowHeight());
    view->verticalHeader()->setMinimumSectionSize(theme().px(22));
    new ColumnFitter(view, view->horizontalHeader(), stretch, widest);
    view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    return view;
}

QTreeView *makeTree(QAbstractItemModel *model, const QString &accessibleName, int stretch,
                    int widest)
{
    auto *view = new QTreeView;
    view->setModel(model);
    view->setAccessibleName(accessibleName);
    view->setUniformRowHeights(true);
    view->setAllColumnsShowFocus(true);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    view->setFrameShape(QFrame::NoFrame);
    view->setIndentation(theme().px(18));
    view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    view->header()->setSectionsMovable(false);
    new ColumnFitter(view, view->header(), stretch, widest);
    return view;
}

QTabWidget *partTabs(const QString &accessibleName)
{
    auto *tabs = new QTabWidget;
    tabs->setDocumentMode(true);
    tabs->setUsesScrollButtons(true);
    tabs->setStyleSheet("QTabWidget::tab-bar { left: 16px; }");
    tabs->tabBar()->setDrawBase(false);
    tabs->tabBar()->setExpanding(false);
    tabs->tabBar()->setAccessibleName(accessibleName);
    return tabs;
}

QFileDialog *exportDialog(QWidget *parent, const QString &title)
{
    auto *dialog =
        new QFileDialog(parent, title, QString(),
                        QCoreApplication::translate("Export", "CSV (*.csv);;JSON Lines (*.jsonl)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix("csv");
    QObject::connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString &filter) {
        dialog->setDefaultSuffix(filter.contains(QLatin1String("jsonl")) ? "jsonl" : "csv");
    });
    return dialog;
}

QFrame *pageHeader(QBoxLayout **row)
{
    auto *header = new QFrame;
    header->setObjectName("header");
    header->setFixedHeight(theme().px(56));
    *row = new QHBoxLayout(header);
    (*row)->setContentsMargins(20, 0, 20, 0);
    (*row)->setSpacing(10);
    return header;
}

QWidget *scrolled(QWidget *content)
{
    auto *scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    return scroll;
}

} // namespace ovvoc
