#include "welcome/machinepage.h"

#include "theme/theme.h"
#include "widgets/basics.h"

#include <QVBoxLayout>

namespace ovvoc {

MachinePage::MachinePage(const Services &services, QWidget *parent)
    : QWidget(parent)
    , m_services(services)
{
    auto *content = new QWidget;
    auto *row = new QHBoxLayout(content);
    row->setContentsMargins(20, 32, 20, 32);
    auto *centre = new QWidget;
    centre->setMaximumWidth(theme().px(720));
    auto *column = new QVBoxLayout(centre);
    column->setSpacing(16);
    m_title = label(tr("Welcome to Ovvoc Desktop"), theme().title);
    column->addWidget(m_title);
    TextLabel *words = label(
        tr("Your clients' dependencies are moved, built and tested in sealed containers on this "
           "machine. A pull request is opened only when the client's own build and tests pass; "
           "nothing of their code is kept."),
        theme().font, Tone::Muted);
    words->setWordWrap(true);
    column->addWidget(words);

    QVBoxLayout *inner = nullptr;
    QFrame *machine = card(&inner);
    inner->setSpacing(14);
    inner->addWidget(heading(tr("This machine")));
    m_engine = addLine(inner, tr("Engine"));
    m_image = addLine(inner, tr("Job image"));
    m_keychain = addLine(inner, tr("Keychain"));
    m_network = addLine(inner, tr("Network"));
    m_gvisor = addLine(inner, tr("gVisor"));
    column->addWidget(machine);

    QVBoxLayout *begin = nullptr;
    QFrame *start = card(&begin);
    begin->addWidget(heading(tr("Begin")));
    auto *buttons = new QHBoxLayout;
    m_demo = primaryButton(tr("Try it with the demo"));
    m_demo->setToolTip(tr("A real update of a small repository that is made for it"));
    m_client = new QPushButton(tr("Add your first client"));
    auto *folder = new QPushButton(tr("A folder on this machine"));
    buttons->addWidget(m_demo);
    buttons->addWidget(m_client);
    buttons->addWidget(folder);
    buttons->addStretch(1);
    begin->addLayout(buttons);
    column->addWidget(start);
    column->addStretch(1);
    row->addStretch(1);
    row->addWidget(centre, 8);
    row->addStretch(1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scrolled(content));

    JobService *jobs = m_services.jobs;
    connect(m_engine.button, &QPushButton::clicked, jobs, &JobService::findEngine);
    connect(m_image.button, &QPushButton::clicked, jobs, &JobService::prepareImage);
    connect(m_keychain.button, &QPushButton::clicked, m_services.workspace,
            &WorkspaceService::open);
    connect(m_network.button, &QPushButton::clicked, jobs, &JobService::checkNetwork);
    connect(m_demo, &QPushButton::clicked, this, &MachinePage::demoRequested);
    connect(m_client, &QPushButton::clicked, this, &MachinePage::addClientRequested);
    connect(folder, &QPushButton::clicked, this, [this] { emit go({Place::Page::Folder, {}}); });
    connect(jobs, &JobService::engineChanged, this, &MachinePage::showEngine);
    connect(jobs, &JobService::networkChanged, this, &MachinePage::showNetwork);
    connect(m_services.workspace, &WorkspaceService::stateChanged, this,
            &MachinePage::showWorkspace);
    connect(m_services.workspace, &WorkspaceService::clientChanged, this,
            &MachinePage::showWorkspace);
    showEngine({});
    showNetwork({});
    showWorkspace();
}

MachinePage::Line MachinePage::addLine(QVBoxLayout *layout, const QString &name)
{
    Line line;
    auto *row = new QHBoxLayout;
    row->setSpacing(12);
    line.mark = label({}, theme().strong);
    line.mark->setMinimumWidth(theme().px(14));
    auto *words = new QVBoxLayout;
    words->setSpacing(1);
    line.title = label(name, theme().font);
    line.detail = label({}, theme().font, Tone::Muted);
    line.detail->setWordWrap(true);
    line.detail->setTextInteractionFlags(Qt::TextSelectableByMouse);
    words->addWidget(line.title);
    words->addWidget(line.detail);
    line.button = new QPushButton;
    row->addWidget(line.mark, 0, Qt::AlignTop);
    row->addLayout(words, 1);
    row->addWidget(line.button, 0, Qt::AlignTop);
    layout->addLayout(row);
    return line;
}

void MachinePage::show(const Line &line, Tone tone, const QString &mark, const QString &title,
                       const QString &detail, const QString &button)
{
    line.mark->setText(mark);
    line.mark->setTone(tone);
    line.title->setText(title);
    line.detail->setText(detail);
    line.detail->setVisible(!detail.isEmpty());
    line.button->setText(button);
    line.button->setVisible(!button.isEmpty());
}

void MachinePage::showEngine(const EngineState &state)
{
    using Step = EngineState::Step;
    m_engineState = state;
    const QString ok = QStringLiteral("✓"), wait = QStringLiteral("○"), bad = QStringLiteral("✕");
    if (state.step == Step::Looking) {
        show(m_engine, Tone::Muted, wait, tr("Looking for an engine…"), {}, {});
        show(m_image, Tone::Muted, wait, tr("Job image"), {}, {});
        show(m_gvisor, Tone::Muted, wait, tr("gVisor"), {}, {});
    } else if (state.step == Step::NoEngine) {
        show(m_engine, Tone::Bad, bad, tr("No engine"), state.error.message, tr("Look again"));
        show(m_image, Tone::Muted, wait, tr("Job image"), tr("Needs an engine first."), {});
        show(m_gvisor, Tone::Muted, wait, tr("gVisor"), {}, {});
    } else {
        show(m_engine, Tone::Good, ok, tr("%1 %2").arg(state.info.name, state.info.version),
             tr("API %1 at %2%3")
                 .arg(state.info.apiVersion, state.info.socketPath,
                      state.info.rootless() ? tr(", rootless") : QString()),
             {});
        const bool gvisor = state.info.runtimes.contains("runsc");
        show(m_gvisor, gvisor ? Tone::Good : Tone::Muted, gvisor ? ok : QStringLiteral("–"),
             gvisor ? tr("gVisor is there") : tr("No gVisor"),
             gvisor ? tr("Choose the runtime runsc in the settings, and every cell has a kernel of "
                         "its own.")
                    : tr("Optional: with runsc registered every cell gets a kernel of its own."),
             {});
        if (state.step == Step::Ready)
            show(m_image, Tone::Good, ok, tr("Job image ready"), state.image.reference, {});
        else if (state.step == Step::PreparingImage)
            show(m_image, Tone::Muted, wait, tr("Preparing the job image…"), state.progress, {});
        else
            show(m_image, Tone::Muted, wait, tr("No job image yet"),
                 state.error.code == ErrorCode::ImageMissing
                     ? tr("It is made once, in about a minute; a job makes it by itself.")
                     : state.error.message,
                 tr("Prepare now"));
    }
    const bool found = state.step != Step::Looking && state.step != Step::NoEngine;
    m_demo->setEnabled(found);
}

void MachinePage::showNetwork(const NetworkState &state)
{
    using Step = NetworkState::Step;
    if (state.step == Step::Looking)
        show(m_network, Tone::Muted, QStringLiteral("○"), tr("Network"), tr("Looking…"), {});
    else if (state.step == Step::Good)
        show(m_network, Tone::Good, QStringLiteral("✓"), tr("The package registry answers"),
             state.host, {});
    else
        show(m_network, Tone::Bad, QStringLiteral("✕"), tr("The package registry does not answer"),
             state.error.message, tr("Try again"));
}

void MachinePage::showWorkspace()
{
    using Step = WorkspaceState::Step;
    const WorkspaceState &state = m_services.workspace->state();
    const bool open = state.step == Step::Ready || state.step == Step::Loading;
    const bool any = !m_services.workspace->clients().isEmpty();
    m_title->setText(any ? tr("This machine") : tr("Welcome to Ovvoc Desktop"));
    m_client->setText(any ? tr("Add a client") : tr("Add your first client"));
    m_client->setEnabled(open);
    if (state.step == Step::Closed)
        show(m_keychain, Tone::Bad, QStringLiteral("✕"), tr("The workspace is closed"),
             tr("%1 Jobs on folders of this machine run all the same; they are just not kept.")
                 .arg(state.error.message),
             tr("Try again"));
    else if (open)
        show(m_keychain, Tone::Good, QStringLiteral("✓"), tr("Keychain unlocked"),
             tr("It holds the key of the workspace; what is kept is sealed with it."), {});
    else
        show(m_keychain, Tone::Muted, QStringLiteral("○"), tr("Asking the keychain…"), {}, {});
}

} // namespace ovvoc
