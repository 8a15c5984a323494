#pragma once

#include <QLocalServer>
#include <QUrl>

namespace ovvoc {

/// One window for each workspace and user: a second start gives its link to the first and ends.
/// What arrives is a link and nothing else, of a bounded length, and only from this user.
class SingleInstance : public QObject
{
    Q_OBJECT
public:
    explicit SingleInstance(const QString &workspaceId);
    /// True when another instance took \a link (empty: only show yourself).
    bool passOn(const QUrl &link);
    void listen();

signals:
    void asked(const QUrl &link);

private:
    static constexpr int longestLink = 2048; ///< bytes
    QString m_name;
    QLocalServer m_server;
};

} // namespace ovvoc
