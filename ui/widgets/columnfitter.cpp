#include "widgets/columnfitter.h"

#include "theme/theme.h"

#include <QAbstractItemView>
#include <QEvent>
#include <QHeaderView>
#include <algorithm>
#include <utility>

namespace ovvoc {

ColumnFitter::ColumnFitter(QAbstractItemView *view, QHeaderView *header, int main, int widest)
    : QObject(view)
    , m_view(view)
    , m_header(header)
    , m_main(main)
    , m_widest(widest)
{
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header->setHighlightSections(false);
    header->setStretchLastSection(false);
    header->setMinimumSectionSize(theme().px(56));
    header->setResizeContentsPrecision(50); // rows that are measured: thousands would take a while
    header->setSectionResizeMode(QHeaderView::Interactive);
    header->setSectionResizeMode(main, QHeaderView::Stretch);
    const QAbstractItemModel *model = view->model();
    connect(model, &QAbstractItemModel::rowsInserted, this, &ColumnFitter::measure);
    connect(model, &QAbstractItemModel::modelReset, this, &ColumnFitter::measure);
    // What a cell says grows while jobs run ("✓ proposed"): the column grows with it, as long as
    // nobody has set its width.
    m_grow.setSingleShot(true);
    m_grow.setInterval(200);
    connect(&m_grow, &QTimer::timeout, this, &ColumnFitter::grow);
    const auto soon = [this] {
        if (!m_grow.isActive())
            m_grow.start();
    };
    connect(model, &QAbstractItemModel::dataChanged, this, soon);
    connect(model, &QAbstractItemModel::rowsInserted, this, soon);
    connect(header, &QHeaderView::sectionResized, this, [this](int column, int, int size) {
        if (!m_arranging && column != m_main && size > 0 && m_wished.contains(column)) {
            m_wished[column] = size;
            m_set.insert(column);
        }
    });
    view->viewport()->installEventFilter(this);
    measure();
}

void ColumnFitter::setDispensable(const QList<int> &columns)
{
    m_dispensable = columns;
    arrange();
}

void ColumnFitter::refit()
{
    m_wished.clear();
    m_set.clear();
    measure();
}

bool ColumnFitter::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize)
        arrange();
    if (event->type() == QEvent::Show) // what came while it was hidden
        m_grow.start();
    return QObject::eventFilter(watched, event);
}

int ColumnFitter::wishOf(int column) const
{
    const int wanted =
        std::max(m_view->sizeHintForColumn(column), m_header->sectionSizeHint(column));
    return std::clamp(wanted + theme().px(6), theme().px(64), theme().px(m_widest));
}

/// Only wider: a table that jumps with each change cannot be read.
void ColumnFitter::grow()
{
    if (m_wished.isEmpty() || !m_view->isVisible())
        return;
    bool more = false;
    for (auto it = m_wished.begin(); it != m_wished.end(); ++it) {
        if (m_set.contains(it.key()) || m_header->isSectionHidden(it.key()))
            continue;
        const int wish = wishOf(it.key());
        if (wish <= it.value())
            continue;
        it.value() = wish;
        more = true;
    }
    if (more)
        arrange();
}

void ColumnFitter::measure()
{
    if (!m_wished.isEmpty() || m_view->model()->rowCount() == 0)
        return;
    m_arranging = true;
    for (int column = 0; column < m_header->count(); ++column) {
        if (column == m_main)
            continue;
        // A hidden one is measured as well: it may be shown when there is more room.
        const bool hidden = m_header->isSectionHidden(column);
        m_header->setSectionHidden(column, false);
        m_wished[column] = wishOf(column);
        m_header->setSectionHidden(column, hidden);
    }
    m_arranging = false;
    arrange();
}

void ColumnFitter::arrange()
{
    const int room = m_view->viewport()->width();
    if (m_wished.isEmpty() || room <= 0)
        return;
    if (m_arranging) { // a scroll bar came or went by what is being done
        m_again = true;
        return;
    }
    m_arranging = true;
    QHash<int, int> widths;
    int sum = theme().px(mainAtLeast);
    for (auto it = m_wished.cbegin(); it != m_wished.cend(); ++it) {
        // What the page itself hides is not in question.
        if (m_dispensable.contains(it.key()) || !m_header->isSectionHidden(it.key())) {
            widths.insert(it.key(), it.value());
            sum += it.value();
        }
    }
    for (const int column : std::as_const(m_dispensable)) {
        const bool goes = sum > room;
        if (goes)
            sum -= widths.take(column);
        m_header->setSectionHidden(column, goes);
    }
    const int least = theme().px(64);
    while (sum > room && !widths.isEmpty()) {
        const auto widest = std::max_element(widths.begin(), widths.end());
        const int less = std::min({sum - room, *widest - least, theme().px(8)});
        if (less <= 0)
            break;
        *widest -= less;
        sum -= less;
    }
    for (auto it = widths.cbegin(); it != widths.cend(); ++it) {
        if (m_header->sectionSize(it.key()) != it.value())
            m_header->resizeSection(it.key(), it.value());
    }
    m_arranging = false;
    if (std::exchange(m_again, false) && !std::exchange(m_secondTime, true)) {
        arrange();
        m_secondTime = false;
    }
}

void refitColumns(QAbstractItemView *view)
{
    if (auto *fitter = view->findChild<ColumnFitter *>(QString(), Qt::FindDirectChildrenOnly))
        fitter->refit();
}

void setDispensable(QAbstractItemView *view, const QList<int> &columns)
{
    if (auto *fitter = view->findChild<ColumnFitter *>(QString(), Qt::FindDirectChildrenOnly))
        fitter->setDispensable(columns);
}

} // namespace ovvoc
