#include "updates/pendingmodel.h"

#include "format.h"
#include "widgets/lifecyclebar.h"
#include "widgets/tablecell.h"

namespace ovvoc {

/// Each rule that the code of the repository needs, with its places.
static QStringList planLines(const CodeForecast &code)
{
    QStringList lines = code.rules;
    for (const QString &one : code.byHand)
        lines << PendingModel::tr("by hand: %1").arg(one);
    return lines;
}

int PendingModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant PendingModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerName({tr("Package"), tr("Client"), tr("Repository"), tr("From"), tr("To"),
                       tr("Kind"), tr("Age"), tr("Plan"), tr("Confidence"), QString()},
                      section, orientation, role);
}

QVariant PendingModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const PendingRow &row = value(index.row());
    const PendingUpdate &update = row.update;
    const ScannedDependency &dependency = update.dependency;
    using Font = TableCell::Font;
    switch (index.column()) {
    case Package: {
        if (!update.isSecurity())
            return TableCell{dependency.name, {}, Tone::Plain, Font::Strong}.data(role);
        QStringList titles;
        for (const Advisory &advisory : update.advisories)
            titles << QStringLiteral("%1: %2").arg(advisory.severity, advisory.title);
        return TableCell{tr("%1  ! %2").arg(dependency.name, update.advisories.first().severity),
                         dependency.name, Tone::Bad, Font::Strong, titles.join('\n')}
            .data(role);
    }
    case ClientColumn:
        return TableCell{row.client}.data(role);
    case RepositoryColumn:
        return TableCell{row.repository.section('/', -1), row.repository, Tone::Plain, Font::Normal,
                         row.repository}
            .data(role);
    case From:
        return TableCell{dependency.current, {}, Tone::Plain, Font::Mono}.data(role);
    case To:
        return TableCell{update.target, {}, Tone::Plain, Font::Mono}.data(role);
    case Kind:
        return TableCell{toString(update.level), int(update.level),
                         update.level == UpdateLevel::Major ? Tone::Gate : Tone::Plain}
            .data(role);
    case Age:
        if (dependency.ageDays < 0 || update.target != dependency.latest)
            return TableCell{QString(), -1, Tone::Muted}.data(role);
        return TableCell{tr("%1 d").arg(dependency.ageDays), dependency.ageDays, Tone::Muted,
                         Font::Normal,
                         tr("%1 is %n day(s) old", nullptr, dependency.ageDays).arg(update.target)}
            .data(role);
    case Plan: {
        if (!update.waits.isEmpty())
            return TableCell{tr("waits: %1").arg(update.waits), {}, Tone::Muted}.data(role);
        const CodeForecast &code = dependency.code;
        if (!code.read || update.target != dependency.latest)
            return TableCell{tr("not looked at"), -1, Tone::Muted, Font::Normal,
                             tr("What of the rules the code needs is found when it runs")}
                .data(role);
        const QStringList said = planLines(code);
        QString shown = code.strategy;
        if (!code.byHand.isEmpty())
            shown = tr("%n rule(s), %1 by hand", nullptr, int(said.size())).arg(code.byHand.size());
        else if (!said.isEmpty())
            shown = tr("%n rule(s) apply", nullptr, int(said.size()));
        return TableCell{shown, int(said.size()), code.byHand.isEmpty() ? Tone::Plain : Tone::Gate,
                         Font::Normal,
                         QString(tr("%1, %2 in %3", "category, places, files")
                                     .arg(code.category, tr("%n place(s)", nullptr, code.places),
                                          tr("%n file(s)", nullptr, code.files))
                                 + (said.isEmpty() ? QString() : '\n' + said.join('\n')))}
            .data(role);
    }
    case Confidence:
        // Told only where a documented reason gives one: after build and tests have run.
        return TableCell{QStringLiteral("–"), 0, Tone::Muted, Font::Normal,
                         tr("Known when build and tests have run")}
            .data(role);
    case Action:
        if (role == ButtonDelegate::PrimaryRole)
            return false;
        return TableCell{tr("Update")}.data(role);
    default:
        return {};
    }
}

PendingFilter::PendingFilter(PendingModel *model, QObject *parent)
    : QSortFilterProxyModel(parent)
    , m_model(model)
{
    setSortRole(PendingModel::RawRole);
    setSortCaseSensitivity(Qt::CaseInsensitive);
    setSourceModel(model);
}

void PendingFilter::setFacet(Facet facet)
{
    m_facet = facet;
    invalidateFilter();
}

void PendingFilter::setClient(const QString &clientId)
{
    m_client = clientId;
    invalidateFilter();
}

void PendingFilter::setText(const QString &text)
{
    m_text = text.trimmed();
    invalidateFilter();
}

bool PendingFilter::accepts(const PendingRow &row, Facet facet) const
{
    if (!m_client.isEmpty() && row.update.clientId != m_client)
        return false;
    if (!m_text.isEmpty() && !row.update.dependency.name.contains(m_text, Qt::CaseInsensitive)
        && !row.repository.contains(m_text, Qt::CaseInsensitive)
        && !row.client.contains(m_text, Qt::CaseInsensitive))
        return false;
    switch (facet) {
    case Facet::All:
        return true;
    case Facet::Security:
        return row.update.isSecurity();
    case Facet::Patch:
        return row.update.level == UpdateLevel::Patch;
    case Facet::Minor:
        return row.update.level == UpdateLevel::Minor;
    case Facet::Major:
        return row.update.level == UpdateLevel::Major;
    }
    return true;
}

int PendingFilter::count(Facet facet) const
{
    int count = 0;
    for (int i = 0; i < m_model->rowCount(); ++i)
        count += accepts(m_model->value(i), facet) ? 1 : 0;
    return count;
}

const PendingRow &PendingFilter::row(const QModelIndex &index) const
{
    return m_model->value(mapToSource(index).row());
}

bool PendingFilter::filterAcceptsRow(int row, const QModelIndex &) const
{
    return accepts(m_model->value(row), m_facet);
}

} // namespace ovvoc
