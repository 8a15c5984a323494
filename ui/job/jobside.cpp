#include "job/jobside.h"

#include "jobs/reports.h"

#include "format.h"
#include "theme/theme.h"
#include "widgets/basics.h"
#include "widgets/sparkline.h"

#include <QGridLayout>
#include <QVBoxLayout>

namespace ovvoc {

namespace {

QString found(const Job &job, const char *control)
{
    for (const Evidence &one : job.evidence) {
        if (one.control == QLatin1String(control))
            return one.found;
    }
    return {};
}

} // namespace

JobSide::JobSide(QWidget *parent)
    : QWidget(parent)
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(14);
    buildCell(column);
    QVBoxLayout *tokens = nullptr;
    column->addWidget(card(&tokens));
    tokens->addWidget(heading(tr("Tokens")));
    m_tokensNote = label({}, theme().font, Tone::Muted);
    m_tokensNote->setWordWrap(true);
    tokens->addWidget(m_tokensNote);
    m_tokens = new QGridLayout;
    m_tokens->setVerticalSpacing(6);
    m_tokens->setColumnStretch(0, 1);
    tokens->addLayout(m_tokens);
    QVBoxLayout *plan = nullptr;
    column->addWidget(card(&plan));
    m_planTitle = heading({});
    m_plan = selectable(label({}, theme().font));
    m_plan->setWordWrap(true);
    m_base = selectable(label({}, theme().font, Tone::Muted));
    m_base->setWordWrap(true);
    plan->addWidget(m_planTitle);
    plan->addWidget(m_plan);
    plan->addWidget(m_base);
    column->addStretch(1);
}

void JobSide::buildCell(QVBoxLayout *column)
{
    QVBoxLayout *inner = nullptr;
    column->addWidget(card(&inner));
    inner->addWidget(heading(tr("Cell")));
    auto *grid = new QGridLayout;
    grid->setVerticalSpacing(9);
    grid->setColumnStretch(1, 1);
    const auto fact = [&](const QString &name, TextLabel **value, bool mono = false) {
        *value = selectable(label({}, mono ? theme().mono : theme().font));
        (*value)->setWordWrap(true);
        (*value)->setAccessibleName(name);
        const int row = grid->rowCount();
        grid->addWidget(label(name, theme().font, Tone::Muted), row, 0, Qt::AlignTop);
        grid->addWidget(*value, row, 1, Qt::AlignTop);
    };
    fact(tr("Engine"), &m_engine);
    fact(tr("Image"), &m_image, true);
    fact(tr("Runtime"), &m_runtime);
    fact(tr("User"), &m_user);
    fact(tr("Root"), &m_root);
    fact(tr("Network"), &m_network);
    fact(tr("Limits"), &m_limits);
    inner->addLayout(grid);
    buildUse(inner);
}

void JobSide::buildUse(QVBoxLayout *column)
{
    m_use = new QWidget;
    auto *layout = new QVBoxLayout(m_use);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->setSpacing(2);
    m_memoryText = label({}, theme().font, Tone::Muted);
    m_memoryText->setWordWrap(true);
    m_memory = new Sparkline(Tone::Accent);
    m_memory->setAccessibleName(tr("Memory over time"));
    m_cpuText = label({}, theme().font, Tone::Muted);
    m_cpu = new Sparkline(Tone::Sealed);
    m_cpu->setAccessibleName(tr("Processors over time"));
    layout->addWidget(m_memoryText);
    layout->addWidget(m_memory);
    layout->addWidget(m_cpuText);
    layout->addWidget(m_cpu);
    column->addWidget(m_use);
    m_use->hide();
}

void JobSide::setSamples(const QList<CellSample> &samples)
{
    m_use->setVisible(!samples.isEmpty());
    if (samples.isEmpty())
        return;
    QList<double> memory, cpus;
    qint64 most = 0;
    for (const CellSample &one : samples) {
        memory << double(one.memoryBytes);
        cpus << one.cpus;
        most = std::max(most, one.memoryBytes);
    }
    const CellSample &last = samples.last();
    m_memoryText->setText(tr("Memory %1 of %2, peak %3")
                              .arg(sized(last.memoryBytes), sized(last.memoryLimit), sized(most)));
    m_cpuText->setText(tr("CPU %1").arg(QLocale().toString(last.cpus, 'f', 1)));
    m_memory->setValues(memory);
    m_cpu->setValues(cpus);
    m_memory->setAccessibleDescription(m_memoryText->text());
    m_cpu->setAccessibleDescription(m_cpuText->text());
}

void JobSide::setJob(const Job &job)
{
    const QString none = job.isOver() ? tr("it did not come to that") : tr("not yet");
    const auto set = [&none](TextLabel *value, const QString &text, Tone tone = Tone::Plain) {
        value->setText(text.isEmpty() ? none : text);
        value->setTone(text.isEmpty() ? Tone::Muted : tone);
    };
    set(m_engine, job.engine);
    set(m_image, job.image.id.isEmpty() ? QString() : job.image.id.left(19) + QChar(0x2026));
    m_image->setToolTip(plainTip(job.image.id + '\n' + job.image.reference));
    const QString runtime = found(job, "Runtime");
    set(m_runtime, runtime == QLatin1String("runsc") ? tr("runsc (gVisor)") : runtime);
    const QString user = found(job, "User");
    set(m_user,
        user.isEmpty() ? QString()
                       : tr("%1, capabilities: %2").arg(user, found(job, "Capabilities inside")));
    set(m_root, found(job, "Root filesystem"));
    const QString network = found(job, "Network");
    set(m_network, network == QLatin1String("none") ? tr("none since creation") : network,
        Tone::Sealed);
    set(m_limits,
        tr("%1, %2 CPU, %n process(es)", nullptr, job.request.limits.processes)
            .arg(sized(job.request.limits.memoryBytes))
            .arg(job.request.limits.cpus));
    showTokens(job);
    showPlan(job);
}

void JobSide::showTokens(const Job &job)
{
    if (m_tokensShown && m_shownTokens == job.tokens && !job.isOver())
        return;
    m_tokensShown = true;
    m_shownTokens = job.tokens;
    while (QLayoutItem *item = m_tokens->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    if (job.tokens.isEmpty()) {
        m_tokensNote->setText(job.isOver() ? tr("None was needed: the repository is on this "
                                                "machine, or the job ended before.")
                                           : tr("None yet. None ever enters the cell."));
        return;
    }
    m_tokensNote->setText(
        tr("For %1 only; none entered the cell.").arg(job.tokens.first().repository));
    int row = 0;
    for (const TokenLife &token : job.tokens) {
        TextLabel *what = label(tr("%1: %2").arg(token.purpose, token.permissions), theme().font);
        what->setWordWrap(true);
        QString state;
        Tone tone = Tone::Good;
        switch (token.state) {
        case TokenLife::State::Live:
            state = tr("live since %1").arg(token.minted.toLocalTime().toString("HH:mm:ss"));
            tone = Tone::Gate;
            break;
        case TokenLife::State::Revoked:
            state = tr("revoked %1").arg(token.ended.toLocalTime().toString("HH:mm:ss"));
            break;
        case TokenLife::State::RevocationFailed:
            state = tr("not revoked");
            tone = Tone::Bad;
            break;
        }
        TextLabel *life = label(state, theme().font, tone);
        life->setToolTip(plainTip(
            token.confirmed ? tr("Checked: a call with it was refused afterwards") : QString()));
        m_tokens->addWidget(what, row, 0);
        m_tokens->addWidget(life, row++, 1, Qt::AlignTop | Qt::AlignRight);
    }
}

void JobSide::showPlan(const Job &job)
{
    QStringList lines;
    if (job.request.kind == JobKind::Scan) {
        m_planTitle->setText(tr("Scan"));
        if (job.scan) {
            lines << tr("%n package(s) installed", nullptr, job.scan->installedPackages);
            lines << tr("%n outdated", nullptr, job.scan->outdated());
            for (const Advisory &advisory : job.scan->advisories) {
                lines << tr("! %1 %2: %3").arg(advisory.severity, advisory.package, advisory.title);
                if (!advisory.direct && !advisory.via.isEmpty())
                    lines << "    " + tr("brought by %1").arg(advisory.via.mid(0, 5).join(", "));
                if (!advisory.fix.isEmpty())
                    lines << "    " + advisory.fix;
            }
            if (!job.scan->advisoriesChecked)
                lines << tr("Advisories: not checked. %1").arg(job.scan->advisoryNote);
            else if (job.scan->advisories.isEmpty())
                lines << tr("Advisories: none");
            lines += job.scan->notes;
        }
    } else {
        m_planTitle->setText(job.request.part.isEmpty() ? tr("Plan")
                                                        : tr("Plan: %1").arg(job.request.part));
        for (const PlannedUpdate &update : job.plan.updates) {
            lines << QStringLiteral("%1  %2 → %3").arg(update.name, update.from, update.to);
            lines << "    " + toString(update.level)
                    + (update.ageDays >= 0 ? tr(", %n day(s) old", nullptr, update.ageDays)
                                           : QString());
            if (job.code.isRead()) {
                const Classification is = classificationOf(job, update);
                lines << "    " + toString(is.strategy) + ": " + is.categories.first().reason;
            }
        }
        for (const SkippedUpdate &skipped : job.plan.skipped)
            lines << tr("left out: %1, %2").arg(skipped.name, skipped.reason);
    }
    m_plan->setText(!lines.isEmpty()   ? lines.join('\n')
                        : job.isOver() ? tr("it did not come to that")
                                       : tr("not yet"));
    m_plan->setTone(lines.isEmpty() ? Tone::Muted : Tone::Plain);
    m_base->setText(job.base.commit.isEmpty()
                        ? QString()
                        : tr("from %1 at %2").arg(job.base.branch, job.base.commit.left(10)));
}

} // namespace ovvoc
