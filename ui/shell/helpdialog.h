#pragma once

#include <QDialog>

namespace ovvoc {

/// The keys, what this program is, and where to read more.
class HelpDialog : public QDialog
{
    Q_OBJECT
public:
    explicit HelpDialog(QWidget *parent = nullptr);
};

} // namespace ovvoc
