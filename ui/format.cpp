#include "format.h"

#include <QCoreApplication>
#include <QLocale>
#include <QTextDocument>

namespace ovvoc {

QString seconds(qint64 milliseconds)
{
    const QLocale locale;
    if (milliseconds < 9'950)
        return QCoreApplication::translate("Format", "%1 s")
            .arg(locale.toString(double(milliseconds) / 1000, 'f', milliseconds < 995 ? 2 : 1));
    if (milliseconds < 99'950)
        return QCoreApplication::translate("Format", "%1 s")
            .arg(locale.toString(double(milliseconds) / 1000, 'f', 1));
    const qint64 whole = milliseconds / 1000;
    return QCoreApplication::translate("Format", "%1 min %2 s").arg(whole / 60).arg(whole % 60);
}

QString sized(qint64 bytes)
{
    return QLocale().formattedDataSize(bytes, 1, QLocale::DataSizeIecFormat);
}

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Format", text);
}

QString counted(const char *text, qint64 count)
{
    return QCoreApplication::translate("Format", text, nullptr, int(count));
}

} // namespace

QString ago(const QDateTime &time)
{
    if (!time.isValid())
        return {};
    const QDateTime local = time.toLocalTime(), now = QDateTime::currentDateTime();
    const qint64 passed = local.secsTo(now);
    if (passed < 60)
        return tr("just now");
    if (passed < 3600)
        return counted("%n min ago", passed / 60);
    const qint64 days = local.date().daysTo(now.date());
    if (passed < 12 * 3600 || days == 0)
        return counted("%n h ago", passed / 3600);
    if (days == 1)
        return tr("yesterday");
    if (days < 30)
        return counted("%n day(s) ago", days);
    return QLocale().toString(local.date(), QLocale::ShortFormat);
}

QString soon(const QDateTime &time)
{
    if (!time.isValid())
        return {};
    const QDateTime local = time.toLocalTime();
    const QString clock = local.toString("HH:mm");
    const qint64 days = QDate::currentDate().daysTo(local.date());
    if (days == 0)
        return tr("today %1").arg(clock);
    if (days == 1)
        return tr("tomorrow %1").arg(clock);
    if (days < 7)
        return QLocale().toString(local.date(), "ddd ") + clock;
    return QLocale().toString(local.date(), "d MMM ") + clock;
}

QString percent(double share)
{
    return tr("%1 %").arg(qRound(share * 100));
}

QString outcomeText(const JobBrief &job)
{
    switch (job.outcome) {
    case Outcome::None:
        return job.milliseconds() > 0 ? tr("running") : tr("waiting");
    case Outcome::Failed:
        return job.failedIn.isEmpty() ? tr("failed") : tr("%1 failed").arg(job.failedIn);
    case Outcome::Cancelled:
        return tr("cancelled");
    case Outcome::Succeeded:
        break;
    }
    if (job.proposalNumber > 0)
        return tr("PR #%1").arg(job.proposalNumber);
    if (!job.proposalPlace.isEmpty())
        return tr("proposed");
    if (job.kind == JobKind::Scan)
        return tr("scanned");
    if (job.kind == JobKind::Check)
        return tr("passes");
    return job.leftOut > 0 ? tr("nothing moved") : tr("up to date");
}

QString securityText(int security, bool checked)
{
    if (security > 0)
        return checked ? tr("%1 security").arg(security)
                       : tr("%1 security, not all checked").arg(security);
    return checked ? tr("none for security") : tr("security not checked");
}

Tone outcomeTone(Outcome outcome)
{
    switch (outcome) {
    case Outcome::None:
        return Tone::Accent;
    case Outcome::Succeeded:
        return Tone::Good;
    case Outcome::Failed:
        return Tone::Bad;
    case Outcome::Cancelled:
        break;
    }
    return Tone::Muted;
}

QString outcomeMark(Outcome outcome)
{
    switch (outcome) {
    case Outcome::None:
        return QStringLiteral("●");
    case Outcome::Succeeded:
        return QStringLiteral("✓");
    case Outcome::Failed:
        return QStringLiteral("✕");
    case Outcome::Cancelled:
        break;
    }
    return QStringLiteral("–");
}

QString plainTip(const QString &text)
{
    return Qt::mightBeRichText(text)
        ? QStringLiteral("<p style=\"white-space: pre-wrap\">%1</p>").arg(text.toHtmlEscaped())
        : text;
}

QString shortened(const QString &text, int length)
{
    if (text.size() <= length)
        return text;
    const int side = (length - 1) / 2;
    return text.left(side) + QChar(0x2026) + text.right(length - 1 - side);
}

} // namespace ovvoc
