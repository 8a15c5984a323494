#pragma once

#include "updates/pendingmodel.h"

#include <QWidget>

class QPushButton;

namespace ovvoc {

/// "All · Security 2 · Patch 6 · Minor 3 · Major 2": chooses what a PendingFilter shows.
class FacetBar : public QWidget
{
    Q_OBJECT
public:
    explicit FacetBar(PendingFilter *filter, QWidget *parent = nullptr);
    /// The numbers may have changed.
    void refresh();

private:
    PendingFilter *m_filter;
    QList<QPushButton *> m_chips;
};

} // namespace ovvoc
