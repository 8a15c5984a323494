#pragma once

#include "jobs/overview.h"

#include <QSaveFile>

namespace ovvoc {

/// A list that a person saves: CSV (RFC 4180) when the file's name ends so, else JSON Lines. What a
/// spreadsheet would take for a formula is made a text. Readable by its owner only; there is no
/// half a file: without finish() the old one stays.
class ListExport
{
public:
    /// \a columns: their names, in the order in which each row gives its values.
    ListExport(const QString &path, const QStringList &columns);
    /// ReadOnly when it cannot be written.
    Result<> begin();
    /// A bool becomes yes or no in CSV, and stays one in JSON.
    void add(const QList<QVariant> &values);
    /// DiskFull when not all of it could be written.
    Result<> finish();

private:
    QSaveFile m_file;
    QStringList m_columns;
    bool m_csv;
};

QStringList jobColumns();
QList<QVariant> valuesOf(const JobBrief &job);
QStringList updateColumns();
QList<QVariant> valuesOf(const PendingRow &row);

} // namespace ovvoc
