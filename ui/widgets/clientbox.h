#pragma once

#include "workspaceservice.h"

#include <QComboBox>

namespace ovvoc {

/// Chooses one client, or all of them, for a filter. Follows what the workspace knows: a client
/// that is added, renamed or removed is so here at once, and who is chosen stays chosen.
class ClientBox : public QComboBox
{
    Q_OBJECT
public:
    explicit ClientBox(WorkspaceService *workspace, QWidget *parent = nullptr);
    /// Empty: all clients.
    QString clientId() const { return currentData().toString(); }

signals:
    /// Another one is chosen now, by a person or because the one before was removed.
    void chosen(const QString &clientId);

private:
    void refresh();
    WorkspaceService *m_workspace;
    QString m_told;
};

} // namespace ovvoc
