#pragma once

#include <QAbstractTableModel>
#include <QColor>
#include <QList>

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

    /// Takes the new list. Rows keep their place as long as the order of the keys stays.
    void setValues(const QList<Value> &values)
    {
        qsizetype common = 0;
        while (common < std::min(values.size(), m_values.size())
               && isSame(values[common], m_values[common]))
            ++common;
        if (m_values.size() > common) {
            beginRemoveRows({}, int(common), int(m_values.size()) - 1);
            m_values.resize(common);
            endRemoveRows();
        }
        for (int row = 0; row < common; ++row) {
            if (m_values[row] == values[row])
                continue;
            m_values[row] = values[row];
            emit dataChanged(index(row, 0), index(row, columnCount() - 1));
        }
        if (values.size() > common) {
            beginInsertRows({}, int(common), int(values.size()) - 1);
            m_values += values.mid(common);
            endInsertRows();
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
