#pragma once

#include "widgets/textlabel.h"

#include <QFrame>
#include <QPushButton>

class QAbstractItemModel;
class QTableView;
class QTreeView;
class QBoxLayout;
class QFileDialog;
class QTabWidget;
class QVBoxLayout;

namespace ovvoc {

// The few building blocks of which every page is made, so that they look and behave alike.

/// A panel with a border. \a inner: its layout, with the usual margins.
QFrame *card(QVBoxLayout **inner = nullptr);
TextLabel *label(const QString &text, const QFont &font, Tone tone = Tone::Plain);
/// A label that may be selected and copied.
TextLabel *selectable(TextLabel *text);
TextLabel *heading(const QString &text);
/// A short text in a rounded frame.
TextLabel *pill(const QString &text);

QPushButton *primaryButton(const QString &text);
/// A button without a frame, for links and actions beside a heading.
QPushButton *quietButton(const QString &text);
/// One of several choices in a row; checkable.
QPushButton *chip(const QString &text);

/// A table as all of them look: whole rows, no grid, reachable by Tab, \a stretch takes the room
/// that is left. The other columns fit their content once, up to \a widest (at scale 1), then they
/// are the reader's; see ColumnFitter.
QTableView *makeTable(QAbstractItemModel *model, const QString &accessibleName, int stretch,
                      int widest = 210);

/// The same for what has groups.
QTreeView *makeTree(QAbstractItemModel *model, const QString &accessibleName, int stretch,
                    int widest = 320);

/// Tabs inside of a card, for the parts of one thing.
QTabWidget *partTabs(const QString &accessibleName);

/// Asks where a list goes, as CSV or JSON Lines. Opens when open() is called, and deletes itself.
QFileDialog *exportDialog(QWidget *parent, const QString &title);

/// The bar on top of a page: 56 pixels, a line below. \a row: its layout.
QFrame *pageHeader(QBoxLayout **row);

/// A page's body in a scroll area that never scrolls sideways.
QWidget *scrolled(QWidget *content);

} // namespace ovvoc
