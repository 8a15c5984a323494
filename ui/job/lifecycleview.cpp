#include "job/lifecycleview.h"

#include "format.h"
#include "theme/theme.h"
#include "widgets/lifecyclebar.h"

#include <QHelpEvent>
#include <QPainter>
#include <QPainterPath>
#include <QStyle>
#include <QToolTip>
#include <algorithm>

namespace ovvoc {

namespace {

constexpr double lineY = 64;
constexpr double nodeRadius = 12;
constexpr int bandTop = 14;
constexpr int bandBottom = 108;
constexpr int heightOfNodes = 190;
constexpr int heightOfChart = 232;

bool isDone(const Phase &phase)
{
    return phase.state == PhaseState::Succeeded;
}

/// A font of the theme at scale 1.
QFont plain(QFont font)
{
    font.setPixelSize(qRound(font.pixelSize() / theme().scale));
    return font;
}

/// "0", "0.5 s", "20 s", "3 min".
QString tickText(double milliseconds, double step)
{
    if (milliseconds == 0)
        return QStringLiteral("0");
    if (step >= 60'000)
        return LifecycleView::tr("%1 min").arg(milliseconds / 60'000);
    return LifecycleView::tr("%1 s").arg(milliseconds / 1'000);
}

} // namespace

LifecycleView::LifecycleView(QWidget *parent)
    : QWidget(parent)
{
    setAccessibleName(tr("Life of the job"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setMouseTracking(true);
    m_clock.setInterval(40);
    connect(&m_clock, &QTimer::timeout, this, [this] {
        m_angle = (m_angle + 8) % 360;
        update();
    });
}

void LifecycleView::setJob(const Job &job)
{
    m_job = job;
    setAccessibleDescription(asText());
    updateGeometry();
    keepMoving();
    update();
}

void LifecycleView::keepMoving()
{
    const bool wanted = isVisible() && m_job.running();
    // Without animations the times still count.
    const bool animated = style()->styleHint(QStyle::SH_Widget_Animate, nullptr, this) != 0;
    m_clock.setInterval(animated ? 40 : 1000);
    if (wanted != m_clock.isActive())
        wanted ? m_clock.start() : m_clock.stop();
}

void LifecycleView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    keepMoving();
}

void LifecycleView::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    m_clock.stop();
}

QString LifecycleView::asText() const
{
    QStringList sentences;
    for (const Phase &phase : m_job.phases) {
        QString one = toString(phase.kind) + ": " + toString(phase.state);
        if (phase.started.isValid())
            one += ", " + seconds(phase.milliseconds());
        if (!phase.message.isEmpty())
            one += ", " + phase.message;
        sentences << one;
    }
    if (m_job.gateOpened && !m_job.gateClosed)
        sentences << tr("The gate is open");
    else if (m_job.gateClosed)
        sentences << tr("The gate is closed for good");
    for (const TokenLife &token : m_job.tokens)
        sentences << tr("Token for %1: %2").arg(token.purpose, toString(token.state));
    return sentences.join(QStringLiteral(". ")) + '.';
}

QSize LifecycleView::sizeHint() const
{
    return {900, theme().px(showsChart() ? heightOfChart : heightOfNodes)};
}

QSize LifecycleView::minimumSizeHint() const
{
    return {500, sizeHint().height()};
}

bool LifecycleView::showsChart() const
{
    // With very large text there is no room for it.
    return m_job.isOver() && theme().scale < 1.6 && !m_job.phases.isEmpty()
        && m_job.phases.first().started.isValid();
}

double LifecycleView::wide() const
{
    return width() / theme().scale;
}

double LifecycleView::nodeX(int index) const
{
    const double slot = wide() / double(std::max<qsizetype>(1, m_job.phases.size()));
    return slot * (index + 0.5);
}

int LifecycleView::indexOf(PhaseKind kind) const
{
    for (int i = 0; i < m_job.phases.size(); ++i) {
        if (m_job.phases[i].kind == kind)
            return i;
    }
    return -1;
}

void LifecycleView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    // Everything below is drawn at scale 1.
    painter.scale(theme().scale, theme().scale);
    if (m_job.phases.isEmpty())
        return;
    paintBands(painter);
    paintLine(painter);
    for (int i = 0; i < m_job.phases.size(); ++i) {
        paintNode(painter, i);
        paintLabels(painter, i);
    }
    paintTokens(painter);
    if (showsChart())
        paintChart(painter);
    else
        paintTimes(painter);
}

void LifecycleView::paintBands(QPainter &painter) const
{
    const double half = nodeX(0) - 5;
    const auto band = [&](int first, int last, const QColor &colour, const QString &text, bool now,
                          bool reached) {
        if (first < 0 || last < 0)
            return;
        const QRectF box(nodeX(first) - half, bandTop, nodeX(last) - nodeX(first) + 2 * half,
                         bandBottom - bandTop);
        painter.setBrush(theme().over(colour, now ? 0.20 : reached ? 0.10 : 0.05));
        painter.setPen(now ? QPen(theme().over(colour, 0.55), 1) : QPen(Qt::NoPen));
        painter.drawRoundedRect(box, 8, 8);
        painter.setFont(plain(theme().small));
        painter.setPen(reached || now ? colour : theme().over(colour, 0.75));
        painter.drawText(
            box.adjusted(12, 8, -12, 0), Qt::AlignLeft | Qt::AlignTop,
            painter.fontMetrics().elidedText(text, Qt::ElideRight, int(box.width()) - 24));
    };
    const int last = std::max(indexOf(PhaseKind::Transform), indexOf(PhaseKind::Analyze));
    const bool open = m_job.gateOpened && !m_job.gateClosed && !m_job.isOver();
    const int hosts = int(m_job.allowedHosts.size());
    const QString gate = open ? tr("gate open · %n host(s) allowed", nullptr, hosts)
        : m_job.gateOpened && m_job.gateClosed
        ? tr("gate was open %1, closed for good")
              .arg(seconds(m_job.gateOpened->msecsTo(*m_job.gateClosed)))
        : tr("gate");
    band(indexOf(PhaseKind::Clone), last, theme().gate, gate, open, m_job.gateOpened.has_value());
    const Phase *running = m_job.running();
    const bool sealedNow =
        running && (running->kind == PhaseKind::Build || running->kind == PhaseKind::Test);
    const Phase *build = m_job.phase(PhaseKind::Build);
    band(indexOf(PhaseKind::Build), indexOf(PhaseKind::Test), theme().sealed,
         tr("sealed · no network"), sealedNow, build && build->started.isValid());
}

void LifecycleView::paintLine(QPainter &painter) const
{
    for (int i = 0; i + 1 < m_job.phases.size(); ++i) {
        const Phase &from = m_job.phases[i], &to = m_job.phases[i + 1];
        const double x1 = nodeX(i) + nodeRadius, x2 = nodeX(i + 1) - nodeRadius;
        painter.setPen(QPen(theme().faint, 3));
        painter.drawLine(QPointF(x1, lineY), QPointF(x2, lineY));
        if (isDone(from) && to.state != PhaseState::Waiting && to.state != PhaseState::Skipped) {
            painter.setPen(QPen(theme().good, 3));
            painter.drawLine(QPointF(x1, lineY), QPointF(x2, lineY));
        }
    }
}

void LifecycleView::paintNode(QPainter &painter, int index) const
{
    const Phase &phase = m_job.phases[index];
    const QPointF centre(nodeX(index), lineY);
    const QRectF circle(centre.x() - nodeRadius, centre.y() - nodeRadius, 2 * nodeRadius,
                        2 * nodeRadius);
    const QColor colour = phaseColour(phase.state);
    painter.setBrush(theme().panel);
    painter.setPen(QPen(colour, 2));
    const QPen mark(theme().dark ? theme().window : theme().panel, 2.2, Qt::SolidLine, Qt::RoundCap,
                    Qt::RoundJoin);
    switch (phase.state) {
    case PhaseState::Succeeded:
        painter.setBrush(colour);
        painter.drawEllipse(circle);
        painter.setPen(mark);
        painter.drawPolyline(QPolygonF{centre + QPointF(-5, 0), centre + QPointF(-1.2, 4),
                                       centre + QPointF(5.2, -4)});
        break;
    case PhaseState::Failed:
        painter.setBrush(colour);
        painter.drawEllipse(circle);
        painter.setPen(mark);
        painter.drawLine(centre + QPointF(-4, -4), centre + QPointF(4, 4));
        painter.drawLine(centre + QPointF(-4, 4), centre + QPointF(4, -4));
        break;
    case PhaseState::Cancelled:
        painter.setBrush(colour);
        painter.drawEllipse(circle);
        painter.setPen(mark);
        painter.drawLine(centre + QPointF(-4.5, 0), centre + QPointF(4.5, 0));
        break;
    case PhaseState::Running:
        painter.setPen(QPen(theme().over(colour, 0.35), 3));
        painter.drawEllipse(circle);
        painter.setPen(QPen(colour, 3, Qt::SolidLine, Qt::RoundCap));
        painter.drawArc(circle, (90 - m_angle) * 16, -110 * 16);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour);
        painter.drawEllipse(centre, 4.5, 4.5);
        break;
    case PhaseState::Waiting:
        painter.drawEllipse(circle);
        break;
    case PhaseState::Skipped:
        painter.drawEllipse(circle);
        painter.setPen(QPen(theme().muted, 2, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(centre + QPointF(-4, 0), centre + QPointF(4, 0));
        break;
    }
}

void LifecycleView::paintLabels(QPainter &painter, int index) const
{
    const Phase &phase = m_job.phases[index];
    const double slot = wide() / double(m_job.phases.size());
    const QRectF box(nodeX(index) - slot / 2 + 4, lineY + nodeRadius + 8, slot - 8, 18);
    const bool quiet = phase.state == PhaseState::Waiting || phase.state == PhaseState::Skipped;
    painter.setFont(plain(theme().strong));
    painter.setPen(quiet ? theme().muted : theme().text);
    painter.drawText(box, Qt::AlignCenter, toString(phase.kind));

    QStringList lines;
    if (phase.started.isValid())
        lines << seconds(phase.milliseconds());
    if (phase.state == PhaseState::Running && !phase.steps.isEmpty())
        lines << phase.steps.last();
    else if (phase.state == PhaseState::Failed)
        lines << tr("failed");
    else if (phase.state == PhaseState::Cancelled)
        lines << tr("cancelled");
    else if (phase.state == PhaseState::Skipped)
        lines << tr("not needed");
    else if (!phase.message.isEmpty())
        lines << phase.message;
    else if (phase.kind == PhaseKind::Destroy && quiet)
        lines << tr("always runs");
    if (phase.state == PhaseState::Skipped && m_job.outcome != Outcome::Succeeded)
        lines.last() = tr("not reached");
    painter.setFont(plain(theme().small));
    const QFontMetrics metrics(plain(theme().small));
    for (int i = 0; i < lines.size(); ++i) {
        painter.setPen(phase.state == PhaseState::Running      ? theme().accent
                           : phase.state == PhaseState::Failed ? theme().bad
                                                               : theme().muted);
        painter.drawText(box.translated(0, 27 + 16 * i), Qt::AlignCenter,
                         metrics.elidedText(lines[i], Qt::ElideRight, int(box.width())));
    }
}

void LifecycleView::paintTimes(QPainter &painter) const
{
    qint64 total = 0;
    for (const Phase &phase : m_job.phases)
        total += phase.milliseconds();
    if (total <= 0)
        return;
    const double left = 24, right = wide() - 24, y = height() / theme().scale - 12;
    const QString text = m_job.isOver() ? tr("%1 in all").arg(seconds(total)) : seconds(total);
    painter.setFont(plain(theme().small));
    const double label = painter.fontMetrics().horizontalAdvance(text) + 12;
    painter.setPen(theme().muted);
    painter.drawText(QRectF(right - label, y - 8, label, 16), Qt::AlignRight | Qt::AlignVCenter,
                     text);
    double x = left;
    const double scale = (right - label - left) / double(total);
    painter.setPen(Qt::NoPen);
    for (const Phase &phase : m_job.phases) {
        if (!phase.started.isValid())
            continue;
        const double length = std::max(3.0, double(phase.milliseconds()) * scale);
        painter.setBrush(phase.kind == PhaseKind::Destroy && isDone(phase)
                             ? theme().muted
                             : phaseColour(phase.state));
        painter.drawRoundedRect(QRectF(x, y - 3, std::max(2.0, length - 2), 6), 2, 2);
        x += length;
    }
}

/// A token's life on the line: minted where its phase begins, revoked where it ends.
void LifecycleView::paintTokens(QPainter &painter) const
{
    painter.setFont(plain(theme().small));
    for (const TokenLife &token : m_job.tokens) {
        const int index = indexOf(token.purpose == QLatin1String("PR") ? PhaseKind::PullRequest
                                                                       : PhaseKind::Clone);
        if (index < 0)
            continue;
        const bool live = token.state == TokenLife::State::Live;
        const bool revoked = token.state == TokenLife::State::Revoked;
        const QColor colour = live ? theme().gate : revoked ? theme().muted : theme().bad;
        const double x = nodeX(index), y = lineY - nodeRadius - 11;
        painter.setPen(QPen(colour, 1.6));
        painter.setBrush(live ? QBrush(colour) : QBrush(Qt::NoBrush));
        painter.drawEllipse(QPointF(x - 5, y), 3, 3);
        painter.drawLine(QPointF(x - 2, y), QPointF(x + 7, y));
        painter.drawLine(QPointF(x + 4, y), QPointF(x + 4, y + 3));
        painter.drawLine(QPointF(x + 7, y), QPointF(x + 7, y + 3));
        if (revoked) // crossed out
            painter.drawLine(QPointF(x - 9, y + 5), QPointF(x + 10, y - 5));
    }
}

/// The same life, true to time.
void LifecycleView::paintChart(QPainter &painter) const
{
    const QDateTime begin = m_job.phases.first().started;
    QDateTime end = begin;
    for (const Phase &phase : m_job.phases) {
        if (phase.ended.isValid())
            end = std::max(end, phase.ended);
    }
    const double total = double(std::max<qint64>(1, begin.msecsTo(end)));
    const double left = 24, right = wide() - 24;
    const double top = heightOfNodes - 26, height = 22;
    const auto at = [&](const QDateTime &time) {
        return left + (right - left) * std::clamp(double(begin.msecsTo(time)) / total, 0.0, 1.0);
    };
    painter.setFont(plain(theme().small));
    const auto band = [&](double from, double to, const QColor &colour) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme().over(colour, 0.22));
        painter.drawRoundedRect(QRectF(from, top - 5, std::max(2.0, to - from), height + 10), 3, 3);
    };
    if (m_job.gateOpened)
        band(at(*m_job.gateOpened), at(m_job.gateClosed.value_or(end)), theme().gate);
    const Phase *build = m_job.phase(PhaseKind::Build), *test = m_job.phase(PhaseKind::Test);
    if (build && build->started.isValid())
        band(at(m_job.gateClosed.value_or(build->started)),
             at(test && test->ended.isValid() ? test->ended
                    : build->ended.isValid()  ? build->ended
                                              : end),
             theme().sealed);
    for (const Phase &phase : m_job.phases) {
        if (!phase.started.isValid())
            continue;
        const double x = at(phase.started);
        const double length = std::max(2.0, at(phase.ended.isValid() ? phase.ended : end) - x - 1);
        const bool quiet = phase.kind == PhaseKind::Destroy && isDone(phase);
        painter.setPen(Qt::NoPen);
        painter.setBrush(quiet ? theme().muted : phaseColour(phase.state));
        painter.drawRoundedRect(QRectF(x, top, length, height), 2, 2);
        const QString name = toString(phase.kind);
        if (painter.fontMetrics().horizontalAdvance(name) + 10 < length) {
            painter.setPen(theme().dark ? theme().window : theme().panel);
            painter.drawText(QRectF(x, top, length, height), Qt::AlignCenter, name);
        }
    }
    for (const TokenLife &token : m_job.tokens) {
        if (!token.minted.isValid())
            continue;
        const QColor colour =
            token.state == TokenLife::State::RevocationFailed ? theme().bad : theme().text;
        const double y = top - 2, from = at(token.minted);
        const double to = at(token.ended.isValid() ? token.ended : end);
        painter.setPen(QPen(colour, 1.4));
        painter.drawLine(QPointF(from, y), QPointF(std::max(to, from + 3), y));
        painter.setBrush(colour);
        painter.drawEllipse(QPointF(from, y), 2, 2);
        painter.drawEllipse(QPointF(std::max(to, from + 3), y), 2, 2);
    }
    // A tick at every round step, so that about eight of them fit.
    const double steps[] = {100,    200,    500,     1'000,   2'000,   5'000,     10'000,
                            20'000, 60'000, 120'000, 300'000, 600'000, 1'800'000, 3'600'000};
    double step = steps[0];
    for (const double one : steps) {
        step = one;
        if (total / one <= 9)
            break;
    }
    painter.setPen(theme().muted);
    const int ticks = int(total / step);
    for (int tick = 0; tick <= ticks; ++tick) {
        const double time = tick * step;
        const double x = left + (right - left) * time / total;
        painter.drawLine(QPointF(x, top + height + 7), QPointF(x, top + height + 10));
        const Qt::Alignment side = time == 0 ? Qt::AlignLeft : Qt::AlignHCenter;
        const QRectF words(time == 0 ? x : x - 40, top + height + 11, 80, 14);
        if (time == 0 || words.right() < right - 70)
            painter.drawText(words, side | Qt::AlignTop, tickText(time, step));
    }
    painter.drawText(QRectF(right - 120, top + height + 11, 120, 14), Qt::AlignRight | Qt::AlignTop,
                     tr("%1 in all").arg(seconds(qint64(total))));
}

bool LifecycleView::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const double slot = double(width()) / double(std::max<qsizetype>(1, m_job.phases.size()));
    const int index = int(help->pos().x() / slot);
    if (index < 0 || index >= m_job.phases.size())
        return QWidget::event(event);
    const Phase &phase = m_job.phases[index];
    QStringList lines{toString(phase.kind) + " · " + toString(phase.state)};
    if (phase.started.isValid())
        lines << phase.started.toLocalTime().toString("HH:mm:ss.zzz") + "  "
                + seconds(phase.milliseconds());
    lines += phase.steps;
    if (!phase.message.isEmpty())
        lines << phase.message;
    QToolTip::showText(help->globalPos(), plainTip(lines.join('\n')), this);
    return true;
}

} // namespace ovvoc
