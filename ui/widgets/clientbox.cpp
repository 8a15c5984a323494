#include "widgets/clientbox.h"

#include <algorithm>

namespace ovvoc {

ClientBox::ClientBox(WorkspaceService *workspace, QWidget *parent)
    : QComboBox(parent)
    , m_workspace(workspace)
{
    setAccessibleName(tr("Client"));
    setToolTip(tr("Client"));
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    setMinimumContentsLength(8);
    connect(workspace, &WorkspaceService::stateChanged, this, &ClientBox::refresh);
    connect(workspace, &WorkspaceService::clientChanged, this, &ClientBox::refresh);
    connect(workspace, &WorkspaceService::clientRemoved, this, &ClientBox::refresh);
    connect(this, &QComboBox::currentIndexChanged, this, [this] {
        if (clientId() != m_told)
            emit chosen(m_told = clientId());
    });
    refresh();
}

void ClientBox::refresh()
{
    const QString before = clientId();
    {
        const QSignalBlocker blocker(this);
        clear();
        addItem(tr("All clients"), QString());
        for (const ClientOverview &one : m_workspace->clients())
            addItem(one.client.name, one.client.id);
        setCurrentIndex(std::max(0, findData(before)));
    }
    if (clientId() != m_told)
        emit chosen(m_told = clientId());
}

} // namespace ovvoc
