#include "jobs/nextsteps.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QRegularExpression>
#include <algorithm>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("NextSteps", text);
}

constexpr int mostOfAKind = 3;

class Steps
{
public:
    explicit Steps(const Job &job)
        : m_job(job)
        , m_local(job.request.clientId == QLatin1String("local"))
    { }

    QList<NextStep> all();

private:
    QString ofClient() const { return QStringLiteral(" --client ") + shellWord(clientWord()); }
    QString ofRepository() const
    {
        return ofClient() + QStringLiteral(" --repo ") + shellWord(m_job.request.repositoryName);
    }
    QString clientWord() const
    {
        return m_job.request.clientName.isEmpty() ? m_job.request.clientId
                                                  : m_job.request.clientName;
    }
    /// Of a repository without a client settings are options of the command.
    void addSetting(const QString &text, const QString &setting, const QString &value,
                    const QString &option);
    void aboutUpdates();
    void aboutLimits();
    void aboutRegistries();

    const Job &m_job;
    const bool m_local;
    QList<NextStep> m_steps;
};

void Steps::addSetting(const QString &text, const QString &setting, const QString &value,
                       const QString &option)
{
    const QString command = m_local
        ? QStringLiteral("ovvoc run ") + option
        : QStringLiteral("ovvoc settings set %1 %2").arg(setting, shellWord(value))
            + ofRepository();
    m_steps << NextStep{NextStep::Kind::Setting, text, command, setting, value, {}};
}

/// What moved may be left out, for this run or for longer.
void Steps::aboutUpdates()
{
    const FailureReport &failure = *m_job.failure;
    const bool broke = (failure.phase == PhaseKind::Build || failure.phase == PhaseKind::Test)
        && (failure.error.code == ErrorCode::CommandFailed
            || failure.error.code == ErrorCode::TestsFailed);
    QList<PlannedUpdate> updates = m_job.plan.updates;
    if (!broke || m_job.request.baseline || updates.isEmpty())
        return;
    // What the failure speaks of is the likeliest cause, then the largest step.
    QString told = failure.excerpt + '\n' + failure.error.message;
    for (const TestCase &test : failure.tests)
        told += '\n' + test.fullName() + '\n' + test.message;
    std::ranges::stable_sort(updates, std::ranges::greater(), &PlannedUpdate::level);
    const auto named = [&told](const PlannedUpdate &update) {
        // As a word, also of a path below node_modules: "ms" is not in "duration_ms" nor "@x/ms".
        const QRegularExpression word(
            QStringLiteral("(?<![\\w@-])(?:(?<!/)|(?<=node_modules/))%1(?![\\w-])")
                .arg(QRegularExpression::escape(update.name)));
        return word.match(told).hasMatch();
    };
    std::ranges::stable_partition(updates, named);
    const auto spoken = std::ranges::count_if(updates, named);
    const qsizetype likely = spoken > 0 ? std::min<qsizetype>(spoken, mostOfAKind) : mostOfAKind;
    QStringList names;
    for (const PlannedUpdate &update : std::as_const(updates))
        names << update.name;
    names.removeDuplicates();
    if (names.size() > 1 && names.size() <= 50) {
        QStringList others = names;
        const QString out = others.takeFirst();
        QString command = QStringLiteral("ovvoc run");
        for (const QString &name : std::as_const(others))
            command += QStringLiteral(" --update ") + shellWord(name);
        m_steps << NextStep{NextStep::Kind::RunWithout,
                            tr("Run again without %1").arg(out),
                            command + (m_local ? QString() : ofRepository()),
                            {},
                            {},
                            others};
    }
    for (const PlannedUpdate &update : updates.mid(0, m_local ? 0 : likely)) {
        const QString what = toString(Skip{update.name, update.to, {}});
        m_steps << NextStep{NextStep::Kind::Skip,
                            tr("Skip %1 %2").arg(update.name, update.to),
                            QStringLiteral("ovvoc skip ") + shellWord(what) + ofRepository(),
                            {},
                            what,
                            {}};
    }
}

void Steps::aboutLimits()
{
    const FailureReport &failure = *m_job.failure;
    const CellLimits &limits = m_job.request.limits;
    const qint64 memory = limits.memoryBytes >> 20, disk = limits.workBytes >> 20;
    switch (failure.error.code) {
    case ErrorCode::OutOfMemory:
        addSetting(tr("Raise the memory to %1 MiB").arg(2 * memory), QStringLiteral("memory-mib"),
                   QString::number(2 * memory), QStringLiteral("--memory %1").arg(2 * memory));
        break;
    case ErrorCode::DiskFull:
        // The work folder counts into the memory.
        addSetting(tr("Raise the work folder to %1 MiB").arg(2 * disk), QStringLiteral("disk-mib"),
                   QString::number(2 * disk),
                   QStringLiteral("--disk %1 --memory %2").arg(2 * disk).arg(memory + disk));
        break;
    case ErrorCode::Timeout: {
        static const QList<PhaseKind> limited{PhaseKind::Clone, PhaseKind::Transform,
                                              PhaseKind::Build, PhaseKind::Test};
        if (!limited.contains(failure.phase))
            break;
        const Phase *phase = m_job.phase(failure.phase);
        const qint64 ran = phase ? phase->milliseconds() / 1000 : 0;
        const qint64 now = std::max<qint64>(m_job.request.phaseSeconds, ran);
        const QString more = QString::number(std::clamp<qint64>(2 * now, 60, 24 * 3600));
        addSetting(tr("Raise the limit of a phase to %1 s").arg(more),
                   QStringLiteral("phase-seconds"), more,
                   QStringLiteral("--phase-seconds ") + more);
        break;
    }
    case ErrorCode::NothingProves:
        addSetting(tr("Let a build alone prove it"), QStringLiteral("accept-build-only"),
                   QStringLiteral("on"), QStringLiteral("--accept-build-only"));
        break;
    case ErrorCode::TestsFailed:
        if (m_job.request.baseline && !m_job.request.acceptKnownFailures)
            addSetting(tr("Let fail what fails without an update too"),
                       QStringLiteral("accept-known-failures"), QStringLiteral("on"),
                       QStringLiteral("--accept-known-failures"));
        break;
    default:
        break;
    }
    if (!m_local && !m_job.request.fullHistory
        && failure.error.message.contains(QLatin1String("\"history\"")))
        addSetting(tr("Clone with history and tags"), QStringLiteral("history"),
                   QStringLiteral("full"), {});
}

void Steps::aboutRegistries()
{
    if (m_local)
        return;
    for (const QString &text : m_job.unnamedRegistries.mid(0, mostOfAKind)) {
        const auto registry = parseRegistry(text);
        if (!registry)
            continue;
        QString words;
        for (const QString &word : toString(*registry).split(' ', Qt::SkipEmptyParts))
            words += ' ' + shellWord(word);
        m_steps << NextStep{NextStep::Kind::Registry,
                            tr("Name %1 for this client…").arg(registry->url),
                            QStringLiteral("ovvoc registry add") + words + ofClient(),
                            {},
                            text,
                            {}};
    }
    if (!m_job.failure || m_job.failure->error.code != ErrorCode::NotFound)
        return;
    for (const RegistrySetting &registry : m_job.request.registries) {
        if (registry.credential != RegistrySetting::Credential::None
            && m_job.failure->error.message.contains(registry.url))
            m_steps << NextStep{NextStep::Kind::Credential,
                                tr("Give the credential of %1…").arg(registry.url),
                                QStringLiteral("ovvoc registry credential ")
                                    + shellWord(registry.url) + QStringLiteral(" --secret -")
                                    + ofClient(),
                                {},
                                registry.url,
                                {}};
    }
}

QList<NextStep> Steps::all()
{
    aboutRegistries();
    if (m_job.failure) {
        aboutLimits();
        aboutUpdates();
    }
    return m_steps;
}

} // namespace

QList<NextStep> nextSteps(const Job &job)
{
    return job.isOver() || job.failure ? Steps(job).all() : QList<NextStep>();
}

QJsonArray withSkip(const QList<Skip> &held, const Skip &skip)
{
    QJsonArray list;
    for (const Skip &one : held) {
        if (one.name != skip.name || (!skip.version.isEmpty() && one.version != skip.version))
            list << toString(one);
    }
    list << toString(skip);
    return list;
}

QString shellWord(const QString &text)
{
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_@%+=:,./-]+\\z"));
    if (plain.match(text).hasMatch())
        return text;
    QString quoted = text;
    return '\'' + quoted.replace('\'', QLatin1String("'\\''")) + '\'';
}

} // namespace ovvoc
