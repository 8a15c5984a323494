#pragma once

#include "updates/testreport/testreport.h"
#include "valuemodel.h"

#include <memory>
#include <vector>

namespace ovvoc {

/// The tests of a run as a tree: file, suites, tests. What failed comes first on every level, the
/// rest in the order in which it ran.
class TestsModel final : public QAbstractItemModel
{
    Q_OBJECT
public:
    enum Column { Name, Result, Duration, Message, ColumnCount };
    static constexpr int deepestSuite = 20; ///< what is nested deeper is shown on this level

    explicit TestsModel(QObject *parent = nullptr);
    ~TestsModel() override;
    void setSummary(const TestSummary &summary);
    /// Null for a file or a suite.
    const TestCase *test(const QModelIndex &index) const;
    /// Whether a test below this one, or this one, failed.
    bool failed(const QModelIndex &index) const;
    int tests() const; ///< named ones

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &index) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Node
    {
        Node *parent = nullptr;
        int row = 0; ///< among its parent's children
        QString title;
        bool isFile = false;
        qsizetype test = -1; ///< into m_summary.cases; -1: a file or a suite
        int passed = 0, failed = 0, skipped = 0;
        double milliseconds = -1;
        std::vector<std::unique_ptr<Node>> children;
        QHash<QString, Node *> byTitle; ///< children that have children
        Node *group(const QString &title);
        void sort();
    };
    const Node *nodeOf(const QModelIndex &index) const;
    QVariant groupData(const Node &node, int column, int role) const;
    QVariant testData(const TestCase &test, int column, int role) const;
    TestSummary m_summary;
    std::unique_ptr<Node> m_root;
};

} // namespace ovvoc
