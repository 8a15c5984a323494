#pragma once

#include "place.h"

#include <QHash>
#include <QObject>

namespace ovvoc {

/// Tells the desktop what happened, and how far things are. Where the desktop takes neither,
/// nothing happens.
/// https://specifications.freedesktop.org/notification-spec/latest/
class Notifier : public QObject
{
    Q_OBJECT
public:
    explicit Notifier(QObject *parent = nullptr);
    /// \a urgent: stays until it is looked at.
    void notify(const QString &title, const QString &text, const Place &place, bool urgent);
    /// Progress on the program's icon in the task bar, 0 to 1; \a running 0 takes it away.
    void setProgress(int running, double share);

signals:
    /// A person clicked a notification.
    void activated(const ovvoc::Place &place);

private slots:
    void actionInvoked(uint id, const QString &action);
    void closed(uint id, uint reason);

private:
    QHash<uint, Place> m_places;
};

} // namespace ovvoc
