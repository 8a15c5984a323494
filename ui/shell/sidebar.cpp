#include "shell/sidebar.h"

#include "format.h"
#include "theme/theme.h"
#include "widgets/basics.h"
#include "widgets/clientmark.h"

#include <QListWidget>
#include <QPainter>
#include <QPushButton>
#include <QStyle>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace ovvoc {

namespace {

enum Role { PlaceRole = Qt::UserRole, CountRole, ColourRole, HeadingRole };

class SidebarDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &index) const override
    {
        return {100, theme().px(index.data(HeadingRole).toBool() ? 36 : 35)};
    }
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        QRect box = option.rect.adjusted(0, 1, 0, -1);
        if (index.data(HeadingRole).toBool()) {
            QFont font = theme().small;
            font.setWeight(QFont::DemiBold);
            painter->setFont(font);
            painter->setPen(theme().muted);
            painter->drawText(box.adjusted(9, 0, 0, -4), Qt::AlignBottom, index.data().toString());
            painter->restore();
            return;
        }
        const bool selected = option.state & QStyle::State_Selected;
        if (selected || (option.state & QStyle::State_MouseOver)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(selected ? theme().selection : theme().raised);
            painter->drawRoundedRect(box, 6, 6);
        }
        if (option.state & QStyle::State_HasFocus) {
            painter->setPen(QPen(theme().accent, 2));
            painter->setBrush(Qt::NoBrush);
            painter->drawRoundedRect(QRectF(box).adjusted(1, 1, -1, -1), 6, 6);
        }
        box.adjust(9, 0, -9, 0);
        const QVariant colour = index.data(ColourRole);
        if (colour.isValid()) {
            const int size = theme().px(20);
            paintClientMark(*painter,
                            QRectF(box.left(), box.center().y() - size / 2.0 + 0.5, size, size),
                            index.data().toString(), colour.toInt());
            box.setLeft(box.left() + size + 9);
        }
        painter->setFont(theme().small);
        const QString count = index.data(CountRole).toString();
        const int room = count.isEmpty() ? 0 : painter->fontMetrics().horizontalAdvance(count) + 8;
        painter->setPen(theme().muted);
        painter->drawText(box, Qt::AlignVCenter | Qt::AlignRight, count);
        painter->setFont(theme().font);
        painter->setPen(index.data(PlaceRole).isValid() ? theme().text : theme().muted);
        const QRect words = box.adjusted(0, 0, -room, 0);
        painter->drawText(words, Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight,
                                                            words.width()));
        painter->restore();
    }
};

/// By the property that the theme's style sheet looks at, so that it survives a change of theme.
void setTone(QPushButton *button, const char *tone)
{
    button->setProperty("tone", QLatin1String(tone));
    button->style()->unpolish(button);
    button->style()->polish(button);
}

} // namespace

Sidebar::Sidebar(const Services &services, QWidget *parent)
    : QFrame(parent)
    , m_services(services)
    , m_list(new QListWidget)
    , m_engine(quietButton({}))
    , m_keychain(quietButton({}))
{
    setObjectName("sidebar");
    setFixedWidth(std::min(theme().px(232), 320));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 18, 10, 10);
    layout->setSpacing(2);
    TextLabel *name = label(tr("Ovvoc Desktop"), theme().strong);
    name->setContentsMargins(9, 0, 0, 8);
    layout->addWidget(name);
    m_list->setObjectName("nav");
    m_list->setAccessibleName(tr("Pages and clients"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setItemDelegate(new SidebarDelegate(m_list));
    m_list->setMouseTracking(true);
    m_list->setFocusPolicy(Qt::TabFocus);
    m_list->setUniformItemSizes(false);
    layout->addWidget(m_list, 1);
    m_engine->setAccessibleName(tr("Engine"));
    m_keychain->setAccessibleName(tr("Keychain"));
    QPushButton *settings = quietButton(tr("Settings"));
    QPushButton *help = quietButton(tr("Help"));
    for (QPushButton *button : {settings, help, m_engine, m_keychain}) {
        button->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        layout->addWidget(button);
    }
    connect(settings, &QPushButton::clicked, this,
            [this] { emit go({Place::Page::Settings, {}}); });
    connect(help, &QPushButton::clicked, this, &Sidebar::helpRequested);
    for (QPushButton *button : {m_engine, m_keychain})
        connect(button, &QPushButton::clicked, this,
                [this] { emit go({Place::Page::Machine, {}}); });

    m_overview = add({Place::Page::Overview, {}}, tr("Overview"));
    m_jobs = add({Place::Page::Jobs, {}}, tr("Jobs"));
    m_updates = add({Place::Page::Updates, {}}, tr("Updates"));
    add({Place::Page::Audit, {}}, tr("Audit"));
    auto *clients = new QListWidgetItem(tr("Clients"), m_list);
    clients->setData(HeadingRole, true);
    clients->setFlags(Qt::ItemIsEnabled);
    auto *more = new QListWidgetItem(tr("+ Add client"), m_list);
    more->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);

    connect(m_list, &QListWidget::itemClicked, this, [this](QListWidgetItem *item) {
        if (item->data(PlaceRole).isValid())
            emit go(item->data(PlaceRole).value<Place>());
        else if (!item->data(HeadingRole).toBool())
            emit addClientRequested();
        setPlace(m_place, m_jobClient);
    });
    connect(m_list, &QListWidget::itemActivated, this, [this](QListWidgetItem *item) {
        if (!item->data(PlaceRole).isValid() && !item->data(HeadingRole).toBool())
            emit addClientRequested();
    });
    connect(m_list, &QListWidget::currentItemChanged, this, [this](QListWidgetItem *item) {
        if (item && item->data(PlaceRole).isValid()
            && item->data(PlaceRole).value<Place>() != m_place)
            emit go(item->data(PlaceRole).value<Place>());
    });
    m_refresh.setSingleShot(true);
    m_refresh.setInterval(50);
    connect(&m_refresh, &QTimer::timeout, this, &Sidebar::refreshClients);
    m_counts.setSingleShot(true);
    m_counts.setInterval(100);
    connect(&m_counts, &QTimer::timeout, this, &Sidebar::refreshCounts);
    const auto later = [this] {
        if (!m_refresh.isActive())
            m_refresh.start();
    };
    connect(m_services.workspace, &WorkspaceService::clientChanged, this, later);
    connect(m_services.workspace, &WorkspaceService::clientRemoved, this, later);
    connect(m_services.workspace, &WorkspaceService::stateChanged, this, &Sidebar::showWorkspace);
    connect(m_services.jobs, &JobService::engineChanged, this, &Sidebar::showEngine);
    connect(m_services.board, &JobBoard::changed, this, [this] {
        if (!m_counts.isActive())
            m_counts.start();
    });
    showEngine({});
    showWorkspace();
    refreshClients();
}

QListWidgetItem *Sidebar::add(const Place &place, const QString &text)
{
    auto *item = new QListWidgetItem(text, m_list);
    item->setData(PlaceRole, QVariant::fromValue(place));
    const int number = m_list->count();
    if (number <= 4)
        item->setToolTip(QStringLiteral("%1 (Ctrl+%2)").arg(text).arg(number));
    return item;
}

void Sidebar::setPlace(const Place &place, const QString &clientId)
{
    m_place = place;
    m_jobClient = clientId;
    Place shown = place;
    if (place.page == Place::Page::ClientSettings)
        shown.page = Place::Page::Client;
    if (place.page == Place::Page::Repository)
        shown = Place{Place::Page::Client, clientId};
    if (place.page == Place::Page::Job) {
        shown = m_services.workspace->client(clientId) ? Place{Place::Page::Client, clientId}
                                                       : Place{Place::Page::Jobs, {}};
    }
    const QSignalBlocker blocker(m_list);
    for (int i = 0; i < m_list->count(); ++i) {
        QListWidgetItem *item = m_list->item(i);
        if (item->data(PlaceRole).isValid() && item->data(PlaceRole).value<Place>() == shown) {
            m_list->setCurrentItem(item);
            return;
        }
    }
    // Without a current item the list would take its first one with the focus, and go there.
    m_list->setCurrentRow(0, QItemSelectionModel::NoUpdate);
    m_list->clearSelection();
}

QList<Place> Sidebar::numbered() const
{
    QList<Place> places;
    for (int i = 0; i < m_list->count() && places.size() < 9; ++i) {
        const QVariant place = m_list->item(i)->data(PlaceRole);
        if (place.isValid())
            places << place.value<Place>();
    }
    return places;
}

void Sidebar::refreshClients()
{
    const QList<ClientOverview> clients = m_services.workspace->clients();
    QStringList wanted;
    for (const ClientOverview &one : clients) {
        if (!one.client.archived)
            wanted << one.client.id;
    }
    const QSignalBlocker blocker(m_list);
    if (wanted != m_shown) {
        // The last item is "+ Add client"; clients stand before it.
        for (qsizetype i = 0; i < m_shown.size(); ++i)
            delete m_list->takeItem(m_list->count() - 2);
        for (const QString &id : std::as_const(wanted)) {
            auto *item = new QListWidgetItem;
            item->setData(PlaceRole, QVariant::fromValue(Place{Place::Page::Client, id}));
            m_list->insertItem(m_list->count() - 1, item);
        }
        m_shown = wanted;
    }
    const int first = m_list->count() - 1 - int(m_shown.size());
    for (qsizetype i = 0; i < m_shown.size(); ++i) {
        const Client &client = m_services.workspace->client(m_shown[i])->client;
        QListWidgetItem *item = m_list->item(first + int(i));
        item->setText(client.name);
        item->setData(ColourRole, client.colour);
        const QString key = i + 5 <= 9 ? QStringLiteral(" (Ctrl+%1)").arg(i + 5) : QString();
        item->setToolTip(plainTip(client.name + key));
    }
    setPlace(m_place, m_jobClient);
    refreshCounts();
}

void Sidebar::refreshCounts()
{
    const int running = m_services.board->unfinishedCount();
    m_jobs->setData(CountRole, running > 0 ? tr("%n active", nullptr, running) : QString());
    m_jobs->setData(Qt::AccessibleDescriptionRole, m_jobs->data(CountRole));
    int pending = 0, failing = 0;
    const int first = m_list->count() - 1 - int(m_shown.size());
    for (qsizetype i = 0; i < m_shown.size(); ++i) {
        const ClientOverview *one = m_services.workspace->client(m_shown[i]);
        if (!one)
            continue;
        const int count = one->pending();
        pending += count;
        failing += one->failing();
        QListWidgetItem *item = m_list->item(first + int(i));
        item->setData(CountRole, count > 0 ? QString::number(count) : QString());
        item->setData(Qt::AccessibleDescriptionRole,
                      count > 0 ? tr("%n pending update(s)", nullptr, count) : QString());
    }
    m_updates->setData(CountRole, pending > 0 ? QString::number(pending) : QString());
    m_overview->setData(CountRole, failing > 0 ? tr("%n failing", nullptr, failing) : QString());
}

void Sidebar::showEngine(const EngineState &state)
{
    using Step = EngineState::Step;
    const bool found = state.step != Step::NoEngine && state.step != Step::Looking;
    const QString text = found
        // "20.10.24+dfsg1": what a distribution adds is for the page behind it.
        ? tr("%1 %2%3").arg(state.info.name, state.info.version.section('+', 0, 0),
                            state.info.runtimes.contains("runsc") ? tr(", gVisor") : QString())
        : state.step == Step::NoEngine ? tr("No engine") : tr("Looking for an engine…");
    showLine(m_engine,
             (found                              ? QStringLiteral("● ")
                  : state.step == Step::NoEngine ? QStringLiteral("✕ ")
                                                 : QStringLiteral("○ "))
                 + text);
    m_engine->setToolTip(
        plainTip(state.step == Step::NoEngine ? state.error.message : tr("What this machine has")));
    setTone(m_engine, found ? "good" : state.step == Step::NoEngine ? "bad" : "muted");
}

/// Where there is no room for all of it, the end gives way; a screen reader has it whole.
void Sidebar::showLine(QPushButton *button, const QString &text)
{
    button->setAccessibleDescription(text);
    const int room = minimumWidth() - 2 * 10 - 2 * 9; // the layout's margins, and the button's own
    button->setText(button->fontMetrics().elidedText(text, Qt::ElideRight, room));
}

void Sidebar::showWorkspace()
{
    using Step = WorkspaceState::Step;
    const WorkspaceState &state = m_services.workspace->state();
    const bool open = state.step == Step::Ready || state.step == Step::Loading;
    showLine(m_keychain,
             open                             ? tr("● Keychain unlocked")
                 : state.step == Step::Closed ? tr("✕ Workspace closed")
                                              : tr("○ Asking the keychain…"));
    m_keychain->setToolTip(
        plainTip(state.step == Step::Closed ? state.error.message : tr("What this machine has")));
    setTone(m_keychain, open ? "good" : state.step == Step::Closed ? "bad" : "muted");
    if (!m_refresh.isActive())
        m_refresh.start();
}

} // namespace ovvoc
