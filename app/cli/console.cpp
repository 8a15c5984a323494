#include "cli/console.h"

#include "base/text.h"
#include "jobs/jobjson.h"

#include "jobs/reports.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QUuid>
#include <cstdio>
#include <unistd.h>

namespace ovvoc {

namespace {

void print(const QString &text)
{
    const QByteArray bytes = text.toUtf8();
    std::fwrite(bytes.constData(), 1, std::size_t(bytes.size()), stdout);
    std::fflush(stdout);
}

/// What stands where a colour begins, before its number and an "m": no text from outside can hold
/// it, because nobody knows it before this process has begun.
const QString &colourMark()
{
    static const QString mark =
        QChar(0xfdd0) + QUuid::createUuid().toString(QUuid::Id128) + QChar(0xfdd1);
    return mark;
}

/// Never the repository's own control sequences on the engineer's terminal; ours are put in last.
QString shown(const QString &text)
{
    QString out;
    const QString &mark = colourMark();
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (c == mark[0] && QStringView(text).sliced(i).startsWith(mark)) {
            const qsizetype end = text.indexOf('m', i + mark.size());
            out += "\x1b[" + text.mid(i + mark.size(), end - i - mark.size()) + 'm';
            i = end;
        } else {
            const qsizetype width = c.isHighSurrogate() ? 2 : 1;
            out += visibleText(text.mid(i, width));
            i += width - 1;
        }
    }
    return out;
}

QString seconds(qint64 milliseconds)
{
    return QStringLiteral("%1 s").arg(double(milliseconds) / 1000.0, 0, 'f', 1);
}

QString sized(qint64 bytes)
{
    return bytes < 1024 * 1024 ? QStringLiteral("%1 KiB").arg(double(bytes) / 1024, 0, 'f', 1)
                               : QStringLiteral("%1 MiB").arg(double(bytes) / 1048576, 0, 'f', 1);
}

} // namespace

Console::Console(Options options)
    : m_options(options)
    , m_terminal(::isatty(STDOUT_FILENO) && qEnvironmentVariable("TERM") != QLatin1String("dumb"))
    , m_colours(m_terminal && !qEnvironmentVariableIsSet("NO_COLOR"))
{ }

QString Console::coloured(const char *code, const QString &text) const
{
    if (!m_colours)
        return text;
    return colourMark() + QLatin1String(code) + QChar('m') + visibleText(text) + colourMark()
        + QStringLiteral("0m"); // shown() makes the terminal's sequences of it
}

void Console::clearStatus()
{
    if (std::exchange(m_statusShown, false))
        print(QStringLiteral("\r\x1b[K"));
}

void Console::line(const QString &text)
{
    clearStatus();
    print(shown(text) + '\n');
}

void Console::showStatus(const Job &job)
{
    if (!m_terminal)
        return;
    const Phase *running = job.running();
    if (!running)
        return;
    qint64 in = 0;
    for (const EgressRow &row : job.egress)
        in += row.bytesIn;
    clearStatus();
    print(shown(coloured("2",
                         QStringLiteral("  … %1 %2%3")
                             .arg(toString(running->kind), seconds(running->milliseconds()),
                                  job.gateOpened && !job.gateClosed
                                      ? QStringLiteral(" · gate open, %1 in").arg(sized(in))
                                      : QString()))));
    m_statusShown = true;
}

void Console::begin(const JobRequest &request)
{
    m_seen.clear();
    m_stepsSeen.clear();
    if (m_options.json || request.part.isEmpty())
        return;
    line(QString());
    line(coloured("1", QStringLiteral("══ %1").arg(request.part)));
}

void Console::jobChanged(const Job &job)
{
    if (m_options.json) {
        for (const Phase &phase : job.phases) {
            const int key = int(phase.kind);
            if (m_seen.value(key, PhaseState::Waiting) == phase.state)
                continue;
            m_seen[key] = phase.state;
            const QJsonObject event{{"event", "phase"},
                                    {"job", job.request.id},
                                    {"phase", toString(phase.kind)},
                                    {"state", toString(phase.state)},
                                    {"milliseconds", phase.milliseconds()},
                                    {"message", phase.message}};
            print(QString::fromUtf8(jsonLine(event)) + '\n');
        }
        return;
    }
    for (const Phase &phase : job.phases) {
        const int key = int(phase.kind);
        const PhaseState before = m_seen.value(key, PhaseState::Waiting);
        if (before == PhaseState::Waiting && phase.state == PhaseState::Running) {
            QString title = coloured("1", toString(phase.kind));
            if (phase.kind == PhaseKind::Clone)
                title += coloured("33", QStringLiteral("  gate open"));
            if (phase.kind == PhaseKind::Build)
                title += coloured("35", QStringLiteral("  sealed, no network"));
            line(title);
        }
        for (qsizetype &i = m_stepsSeen[key]; i < phase.steps.size(); ++i)
            line("  " + phase.steps[i]);
        if (before == PhaseState::Running && phase.state != PhaseState::Running) {
            if (phase.state == PhaseState::Succeeded)
                line(coloured("32", QStringLiteral("  ✔ ")) + phase.message + "  "
                     + coloured("2", seconds(phase.milliseconds())));
            else
                line(coloured("31", QStringLiteral("  ✘ ")) + phase.message + "  "
                     + coloured("2", seconds(phase.milliseconds())));
        }
        m_seen[key] = phase.state;
    }
    showStatus(job);
}

void Console::logged(const LogChunk &chunk)
{
    if (!m_options.verbose || chunk.source == LogChunk::Source::Program)
        return;
    if (m_options.json) {
        const QJsonObject event{
            {"event", "log"}, {"phase", toString(chunk.phase)}, {"text", plainText(chunk.text)}};
        print(QString::fromUtf8(jsonLine(event)) + '\n');
        return;
    }
    clearStatus();
    // Never the repository's own control sequences on the engineer's terminal.
    print(visibleText(plainText(chunk.text)));
}

void Console::finished(const Job &job)
{
    clearStatus();
    if (m_options.json) {
        const QJsonObject event{{"event", "finished"}, {"job", toJson(job)}};
        print(QString::fromUtf8(jsonLine(event)) + '\n');
        return;
    }
    line({});
    if (job.scan) {
        for (const ScannedDependency &d : job.scan->dependencies) {
            QString text = QStringLiteral("  %1").arg(d.name);
            if (!d.project.isEmpty())
                text += QStringLiteral(" (%1)").arg(d.project);
            text += QStringLiteral("  ") + d.current;
            if (d.level)
                text += QStringLiteral(" → %1  %2").arg(d.latest, toString(*d.level));
            if (d.level && d.ageDays >= 0)
                text += QStringLiteral(", %1 days old").arg(d.ageDays);
            if (d.gone)
                text += QStringLiteral(", no longer published");
            line(text);
            for (const QString &more : {d.note, d.deprecated})
                if (!more.isEmpty())
                    line(QStringLiteral("      ")
                         + (more == d.note ? more : "deprecated: " + more));
            if (d.code.read && (d.code.places > 0 || !d.code.rules.isEmpty())) {
                const auto counted = [](int n, const char *one, const char *more) {
                    return QStringLiteral("%1 %2").arg(n).arg(QLatin1String(n == 1 ? one : more));
                };
                const QString use = d.code.places == 0
                    ? QString()
                    : QStringLiteral("used at %1 in %2; ")
                          .arg(counted(d.code.places, "place", "places"),
                               counted(d.code.files, "file", "files"));
                const bool meant = !d.code.rules.isEmpty() || !d.code.byHand.isEmpty();
                line(QStringLiteral("      ") + use
                     + (meant ? d.code.category + QStringLiteral(": ") : QString())
                     + d.code.strategy);
            }
            for (const QString &rule : d.code.rules)
                line(QStringLiteral("      would change ") + plainText(rule.toUtf8()));
            for (const QString &rule : d.code.byHand)
                line(QStringLiteral("      by hand ") + plainText(rule.toUtf8()));
        }
        for (const QString &note : job.scan->notes)
            line("  " + note);
        for (const Advisory &a : job.scan->advisories) {
            line(coloured("31",
                          QStringLiteral("  ! %1 %2: %3").arg(a.severity, a.package, a.title)));
            if (!a.direct && !a.via.isEmpty())
                line(QStringLiteral("      brought by ") + a.via.mid(0, 5).join(", "));
            if (!a.fix.isEmpty())
                line(QStringLiteral("      ") + a.fix);
        }
        if (!job.scan->advisoriesChecked)
            line(QStringLiteral("  Advisories: not checked. %1").arg(job.scan->advisoryNote));
        else if (job.scan->advisories.isEmpty())
            line(QStringLiteral("  Advisories: none"));
    }
    if (job.failure)
        line(plainText(failureMarkdown(job).toUtf8()));
    else if (job.proposal)
        line(job.proposalTitle + "\n\n" + plainText(job.proposalBody.toUtf8()) + '\n'
             + QStringLiteral("Text kept in %1").arg(job.proposal->location));
    const char *colour = job.outcome == Outcome::Succeeded ? "32" : "31";
    line(coloured(colour, toString(job.outcome)) + ": " + job.summary);
}

void Console::finished(const RunReport &report)
{
    clearStatus();
    if (m_options.json) {
        const QJsonObject event{{"event", "run"}, {"run", toJson(report)}};
        print(QString::fromUtf8(jsonLine(event)) + '\n');
        return;
    }
    if (report.cells < 2 && report.groups.size() < 2 && report.baselineJob.isEmpty())
        return; // its only job said it all, and nothing is known of the repository besides
    line(QString());
    line(plainOf(report));
}

void Console::error(const Error &error)
{
    clearStatus();
    if (m_options.json) {
        const QJsonObject event{
            {"event", "error"}, {"code", toString(error.code)}, {"message", error.message}};
        print(QString::fromUtf8(jsonLine(event)) + '\n');
        return;
    }
    const QByteArray text = ("ovvoc: " + visibleText(error.message) + '\n').toUtf8();
    std::fwrite(text.constData(), 1, std::size_t(text.size()), stderr);
}

} // namespace ovvoc
