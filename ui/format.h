#pragma once

#include "jobs/overview.h"
#include "valuemodel.h"

#include <QString>

namespace ovvoc {

// Numbers as people read them, the same everywhere in the window.

QString seconds(qint64 milliseconds); ///< "0.24 s", "38.4 s", "2 min 14 s"
QString sized(qint64 bytes); ///< "512 B", "4.2 KiB", "1.3 MiB"
/// "just now", "5 min ago", "3 h ago", "yesterday", "4 days ago", "12 Mar 2026".
QString ago(const QDateTime &time);
/// "today 06:00", "tomorrow 06:00", "Mon 06:00", "12 Mar 06:00".
QString soon(const QDateTime &time);
QString percent(double share); ///< 0.942 → "94 %"
/// A line about how a job ended or how far it is: "PR #218", "Test failed", "up to date".
QString outcomeText(const JobBrief &job);
Tone outcomeTone(Outcome outcome);
/// "3 security", "none for security", or that advisories were not checked. \a checked: of every
/// repository that the number stands for.
QString securityText(int security, bool checked);
QString outcomeMark(Outcome outcome); ///< "✓", "✕", "–", "●": never colour alone
/// \a text for a tooltip that shows it as it is: Qt would take what looks like HTML for HTML, and
/// most of what the window shows comes from outside.
QString plainTip(const QString &text);
/// \a text cut in its middle to at most \a length characters.
QString shortened(const QString &text, int length);

} // namespace ovvoc
