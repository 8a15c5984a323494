#include "job/planmodel.h"

#include "jobs/reports.h"
#include "widgets/tablecell.h"

namespace ovvoc {

void PlanModel::setPlan(const Job &job)
{
    const UpdatePlan &plan = job.plan;
    QList<PlanRow> rows;
    for (const PlannedUpdate &update : plan.updates)
        rows << PlanRow{update, classificationOf(job, update), {}};
    for (const SkippedUpdate &skipped : plan.skipped) {
        PlanRow row;
        row.update.name = skipped.name;
        row.leftOut = skipped.reason;
        rows << row;
    }
    setValues(rows);
}

int PlanModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant PlanModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerName({tr("Package"), tr("From"), tr("To"), tr("Range"), tr("Level"),
                       tr("Strategy"), tr("Category"), tr("Age"), tr("Fixes"), tr("Note")},
                      section, orientation, role);
}

QVariant PlanModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const PlanRow &row = value(index.row());
    const PlannedUpdate &update = row.update;
    const bool moves = row.leftOut.isEmpty();
    using Font = TableCell::Font;
    switch (index.column()) {
    case Package:
        return TableCell{update.name, {}, moves ? Tone::Plain : Tone::Muted, Font::Strong}.data(
            role);
    case From:
        return TableCell{update.from, {}, Tone::Plain, Font::Mono}.data(role);
    case To:
        return TableCell{update.to, {}, Tone::Plain, Font::Mono}.data(role);
    case Range:
        return TableCell{moves ? QStringLiteral("%1 → %2").arg(update.fromRange, update.toRange)
                               : QString(),
                         {},
                         Tone::Muted,
                         Font::Mono}
            .data(role);
    case Level:
        return TableCell{moves ? toString(update.level) : QString(), int(update.level),
                         update.level == UpdateLevel::Major ? Tone::Gate : Tone::Plain}
            .data(role);
    case Strategy:
        return TableCell{moves ? toString(row.is.strategy) : QString(), int(row.is.strategy),
                         row.is.strategy == UpdateStrategy::ByHand ? Tone::Gate : Tone::Plain}
            .data(role);
    case Category: {
        QStringList names, reasons;
        for (const UpdateCategory &category : row.is.categories) {
            if (!names.contains(categoryName(category.number)))
                names << categoryName(category.number);
            reasons << categoryName(category.number) + ": " + category.reason;
        }
        return TableCell{moves ? names.join(QStringLiteral(", ")) : QString(),
                         {},
                         Tone::Plain,
                         Font::Normal,
                         reasons.join('\n')}
            .data(role);
    }
    case Age:
        return TableCell{moves && update.ageDays >= 0 ? tr("%n day(s)", nullptr, update.ageDays)
                                                      : QString(),
                         update.ageDays, Tone::Muted}
            .data(role);
    case Fixes: {
        QStringList titles;
        for (const Advisory &advisory : update.fixes)
            titles << QStringLiteral("%1: %2").arg(advisory.severity, advisory.title);
        return TableCell{
            titles.join(QStringLiteral("; ")), {}, Tone::Bad, Font::Normal, titles.join('\n')}
            .data(role);
    }
    case Note:
        return TableCell{moves ? QString() : tr("left out: %1").arg(row.leftOut), {}, Tone::Muted}
            .data(role);
    default:
        return {};
    }
}

} // namespace ovvoc
