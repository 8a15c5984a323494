#pragma once

#include <QWidget>

namespace ovvoc {

/// "BA" of "Bakery Aurora".
QString initialsOf(const QString &name);
/// A client's coloured square with its initials.
void paintClientMark(QPainter &painter, const QRectF &box, const QString &name, int colour);

class ClientMark : public QWidget
{
    Q_OBJECT
public:
    explicit ClientMark(int size, QWidget *parent = nullptr);
    void setClient(const QString &name, int colour);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QString m_name;
    int m_colour = 0;
};

} // namespace ovvoc
