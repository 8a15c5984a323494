#pragma once

#include <QAbstractTableModel>
#include <QColor>
#include <QList>
#include <algorithm>

namespace ovvoc {

/// A table over a list of values. A subclass says what the columns are and which values are the
/// same row (by key), so that a new list changes, adds and removes rows instead of resetting, and
/// selection and scroll position survive.
///
/// RawRole holds what to sort and filter by; ToneRole a Tone.
template <typename Value> class ValueModel : public QAbstractTableModel
{
public:
    enum Role { RawRole = Qt::UserRole, ToneRole };

    using QAbstractTableModel::QAbstractTableModel;

    int rowCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : int(m_values.size());
    }
    const Value &value(int row) const { return m_values[row]; }

    /// Takes the new list. Rows before and after the stretch that differs keep their place, and
    /// with it selection and scroll position.
    void setValues(const QList<Value> &values)
    {
        const qsizetype shorter = std::min(values.size(), m_values.size());
        qsizetype head = 0, tail = 0;
        while (head < shorter && isSame(values[head], m_values[head]))
            ++head;
        while (tail < shorter - head
               && isSame(values[values.size() - 1 - tail], m_values[m_values.size() - 1 - tail]))
            ++tail;
        const qsizetype gone = m_values.size() - head - tail, come = values.size() - head - tail;
        if (gone > 0) {
            beginRemoveRows({}, int(head), int(head + gone) - 1);
            m_values.remove(head, gone);
            endRemoveRows();
        }
        if (come > 0) {
            beginInsertRows({}, int(head), int(head + come) - 1);
            m_values = m_values.mid(0, head) + values.mid(head, come) + m_values.mid(head);
            endInsertRows();
        }
        for (qsizetype row = 0; row < values.size(); ++row) {
            if ((row >= head && row < head + come) || m_values[row] == values[row])
                continue;
            m_values[row] = values[row];
            emit dataChanged(index(int(row), 0), index(int(row), columnCount() - 1));
        }
    }

protected:
    virtual bool isSame(const Value &a, const Value &b) const = 0;

private:
    QList<Value> m_values;
};

/// The meaning of a cell's colour.
enum class Tone { Plain, Muted, Good, Bad, Gate, Sealed, Accent };
QColor toneColour(Tone tone);

} // namespace ovvoc
