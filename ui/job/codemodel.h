#pragma once

#include "jobs/job.h"
#include "valuemodel.h"

namespace ovvoc {

/// One place of the repository's code that a rule changed, or that a person has to look at.
struct CodeRow
{
    enum class Kind { Changed, ByHand, Unsure, LeftAlone };
    Kind kind = Kind::Changed;
    CodePlace place;
    CodeChange rule; ///< without its places; of LeftAlone nothing
    bool operator==(const CodeRow &) const = default;
};

QString toString(CodeRow::Kind kind);
/// The rows of a job: what changed first.
QList<CodeRow> codeRows(const CodeReport &report);

class CodeModel final : public ValueModel<CodeRow>
{
    Q_OBJECT
public:
    enum Column { Place, What, Rule, Title, Sure, ColumnCount };
    using ValueModel::ValueModel;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    bool isSame(const CodeRow &a, const CodeRow &b) const override { return a == b; }
};

} // namespace ovvoc
