#include "job/testsmodel.h"

#include "format.h"
#include "widgets/tablecell.h"

#include <algorithm>

namespace ovvoc {

TestsModel::TestsModel(QObject *parent)
    : QAbstractItemModel(parent)
    , m_root(std::make_unique<Node>())
{ }

TestsModel::~TestsModel() = default;

TestsModel::Node *TestsModel::Node::group(const QString &wanted)
{
    Node *&known = byTitle[wanted];
    if (!known) {
        children.push_back(std::make_unique<Node>());
        known = children.back().get();
        known->parent = this;
        known->title = wanted;
    }
    return known;
}

/// Failed ones first, and every node learns its row.
void TestsModel::Node::sort()
{
    std::ranges::stable_partition(children, [](const auto &child) { return child->failed > 0; });
    int next = 0;
    for (const auto &child : children) {
        child->row = next++;
        child->sort();
    }
}

void TestsModel::setSummary(const TestSummary &summary)
{
    if (summary == m_summary)
        return;
    beginResetModel();
    m_summary = summary;
    m_root = std::make_unique<Node>();
    for (qsizetype i = 0; i < m_summary.cases.size(); ++i) {
        const TestCase &test = m_summary.cases[i];
        Node *place = m_root.get();
        if (!test.file.isEmpty()) {
            place = place->group(test.file);
            place->isFile = true;
        }
        // A runner that names the file as the outermost suite says it twice.
        const bool again = !test.suite.isEmpty() && test.suite.first() == test.file;
        for (const QString &suite : test.suite.mid(again ? 1 : 0, deepestSuite))
            place = place->group(suite);
        auto leaf = std::make_unique<Node>();
        leaf->parent = place;
        leaf->title = test.name;
        leaf->test = i;
        place->children.push_back(std::move(leaf));
        Node *node = place->children.back().get();
        for (; node; node = node->parent) {
            node->passed += test.state == TestCase::State::Passed ? 1 : 0;
            node->failed += test.state == TestCase::State::Failed ? 1 : 0;
            node->skipped += test.state == TestCase::State::Skipped ? 1 : 0;
            if (test.milliseconds >= 0)
                node->milliseconds = std::max(0.0, node->milliseconds) + test.milliseconds;
        }
    }
    m_root->sort();
    endResetModel();
}

const TestsModel::Node *TestsModel::nodeOf(const QModelIndex &index) const
{
    return index.isValid() ? static_cast<const Node *>(index.constInternalPointer()) : m_root.get();
}

const TestCase *TestsModel::test(const QModelIndex &index) const
{
    const Node *node = nodeOf(index);
    return node->test < 0 ? nullptr : &m_summary.cases[node->test];
}

bool TestsModel::failed(const QModelIndex &index) const
{
    return nodeOf(index)->failed > 0;
}

int TestsModel::tests() const
{
    return int(m_summary.cases.size());
}

QModelIndex TestsModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, nodeOf(parent)->children[std::size_t(row)].get());
}

QModelIndex TestsModel::parent(const QModelIndex &index) const
{
    if (!index.isValid())
        return {};
    const Node *above = nodeOf(index)->parent;
    return above == m_root.get() ? QModelIndex() : createIndex(above->row, 0, above);
}

int TestsModel::rowCount(const QModelIndex &parent) const
{
    return parent.column() > 0 ? 0 : int(nodeOf(parent)->children.size());
}

int TestsModel::columnCount(const QModelIndex &) const
{
    return ColumnCount;
}

QVariant TestsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerName({tr("Test"), tr("Result"), tr("Time"), tr("Message")}, section, orientation,
                      role);
}

QVariant TestsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Node *node = nodeOf(index);
    return node->test < 0 ? groupData(*node, index.column(), role)
                          : testData(m_summary.cases[node->test], index.column(), role);
}

QVariant TestsModel::groupData(const Node &node, int column, int role) const
{
    switch (column) {
    case Name:
        return TableCell{node.title,
                         {},
                         Tone::Plain,
                         node.isFile ? TableCell::Font::Mono : TableCell::Font::Strong}
            .data(role);
    case Result: {
        const int all = node.passed + node.failed + node.skipped;
        if (node.failed > 0)
            return TableCell{tr("✕ %1 of %2 failed").arg(node.failed).arg(all), node.failed,
                             Tone::Bad}
                .data(role);
        return TableCell{node.passed > 0 ? tr("✓ %1 passed").arg(node.passed)
                                         : tr("– %1 skipped").arg(node.skipped),
                         0, node.passed > 0 ? Tone::Good : Tone::Muted}
            .data(role);
    }
    case Duration:
        return TableCell{node.milliseconds < 0 ? QString() : seconds(qRound64(node.milliseconds)),
                         node.milliseconds, Tone::Muted}
            .data(role);
    default:
        return {};
    }
}

QVariant TestsModel::testData(const TestCase &test, int column, int role) const
{
    switch (column) {
    case Name: {
        const QString place =
            test.line > 0 ? QStringLiteral("%1:%2").arg(test.file).arg(test.line) : test.file;
        return TableCell{test.name,
                         {},
                         Tone::Plain,
                         TableCell::Font::Normal,
                         place.isEmpty() ? test.fullName() : test.fullName() + '\n' + place}
            .data(role);
    }
    case Result:
        switch (test.state) {
        case TestCase::State::Passed:
            return TableCell{tr("✓ passed"), int(test.state), Tone::Good}.data(role);
        case TestCase::State::Failed:
            return TableCell{tr("✕ failed"), int(test.state), Tone::Bad}.data(role);
        case TestCase::State::Skipped:
            return TableCell{tr("– skipped"), int(test.state), Tone::Muted}.data(role);
        }
        return {};
    case Duration:
        return TableCell{test.milliseconds < 0 ? QString() : seconds(qRound64(test.milliseconds)),
                         test.milliseconds, Tone::Muted}
            .data(role);
    case Message:
        return TableCell{test.message.section('\n', 0, 0),
                         {},
                         Tone::Muted,
                         TableCell::Font::Normal,
                         test.message}
            .data(role);
    default:
        return {};
    }
}

} // namespace ovvoc
