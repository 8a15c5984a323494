#pragma once

#include "jobboard.h"
#include "valuemodel.h"

namespace ovvoc {

/// A client's repositories as its dashboard shows them.
class RepositoryModel final : public ValueModel<RepositoryOverview>
{
    Q_OBJECT
public:
    enum Column {
        Name,
        State,
        Dependencies,
        Outdated,
        LastJob,
        Life,
        ScheduleColumn,
        Action,
        ColumnCount
    };
    explicit RepositoryModel(const JobBoard *board, QObject *parent = nullptr);
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    /// A job of this repository changed.
    void jobsChanged(const QSet<QString> &repositories);

    /// What the button in the row does.
    enum class Does { OpenJob, Update, Scan };
    Does actionOf(const RepositoryOverview &one) const;

protected:
    bool isSame(const RepositoryOverview &a, const RepositoryOverview &b) const override
    {
        return a.repository.id == b.repository.id;
    }

private:
    const JobBoard *m_board;
};

} // namespace ovvoc
