#include "widgets/statcard.h"

#include "format.h"
#include "theme/theme.h"
#include "widgets/basics.h"

#include <QMap>
#include <QVBoxLayout>

namespace ovvoc {

StatCard::StatCard(const QString &title, QWidget *parent)
    : QFrame(parent)
    , m_head(new QHBoxLayout)
    , m_value(label({}, theme().title))
    , m_note(label({}, theme().font, Tone::Muted))
{
    setObjectName("card");
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 12, 12);
    layout->setSpacing(2);
    TextLabel *name = label(title, theme().font, Tone::Muted);
    name->setElided(true, Qt::ElideRight);
    m_head->addWidget(name, 1);
    layout->addLayout(m_head);
    QFont large = theme().title;
    large.setPixelSize(theme().px(26));
    large.setWeight(QFont::Bold);
    m_value->setFont(large);
    m_value->setAccessibleName(title);
    layout->addWidget(m_value);
    m_note->setElided(true, Qt::ElideRight);
    layout->addWidget(m_note);
    layout->addStretch(1);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
}

void StatCard::setValue(const QString &value, const QString &note, Tone noteTone)
{
    m_value->setText(value);
    m_value->setAccessibleDescription(note);
    m_note->setText(note);
    m_note->setToolTip(plainTip(note));
    m_note->setTone(noteTone);
}

void StatCard::setTrend(const QList<double> &values, double top)
{
    if (!m_trend) {
        m_trend = new Sparkline(Tone::Good);
        static_cast<QVBoxLayout *>(layout())->insertWidget(2, m_trend);
        m_note->hide();
    }
    m_trend->setValues(values, top);
    m_trend->setAccessibleName(tr("Trend"));
    m_trend->setAccessibleDescription(m_note->text());
    m_trend->setToolTip(plainTip(m_note->text()));
}

void StatCard::addMenu(const QString &accessibleName)
{
    QPushButton *button = quietButton(QStringLiteral("⋯"));
    button->setAccessibleName(accessibleName);
    button->setToolTip(plainTip(accessibleName));
    // The row is no higher than in a card without one.
    button->setFixedSize(theme().px(26), QFontMetrics(theme().font).lineSpacing());
    button->setStyleSheet(QStringLiteral("padding: 0"));
    m_head->addWidget(button);
    connect(button, &QPushButton::clicked, this,
            [this, button] { emit menuWanted(button->mapToGlobal(QPoint(0, button->height()))); });
}

QString StatCard::value() const
{
    return m_value->text();
}

QString StatCard::note() const
{
    return m_note->text();
}

QList<double> dailyRates(const QList<ClientOverview> &clients)
{
    QMap<QDate, DayCount> days;
    for (const ClientOverview &client : clients) {
        for (const DayCount &day : client.days) {
            days[day.day].succeeded += day.succeeded;
            days[day.day].failed += day.failed;
        }
    }
    QList<double> rates;
    for (const DayCount &day : std::as_const(days))
        rates << double(day.succeeded) / double(std::max<qint64>(1, day.succeeded + day.failed));
    return rates;
}

} // namespace ovvoc
