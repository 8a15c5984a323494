#include "start/startpage.h"

#include "base/ids.h"
#include "theme/theme.h"
#include "widgets/textlabel.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace ovvoc {

namespace {

TextLabel *text(const QString &words, const QFont &font, Tone tone)
{
    auto *label = new TextLabel(words, tone);
    label->setFont(font);
    label->setWordWrap(true);
    return label;
}

QFrame *card(QVBoxLayout **inner)
{
    auto *frame = new QFrame;
    frame->setObjectName("card");
    *inner = new QVBoxLayout(frame);
    (*inner)->setContentsMargins(24, 20, 24, 22);
    (*inner)->setSpacing(12);
    return frame;
}

} // namespace

StartPage::StartPage(JobService *service, QWidget *parent)
    : QWidget(parent)
    , m_service(service)
{
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(20, 32, 20, 32);
    column->setSpacing(16);
    auto *inner = new QVBoxLayout;
    inner->setSpacing(16);
    auto *title = text(tr("Update a repository"), theme().title, Tone::Plain);
    inner->addWidget(title);
    inner->addWidget(text(
        tr("Its dependencies are moved, built and tested in a sealed container that is thrown away "
           "afterwards. Only if the repository's own build and tests pass is anything proposed."),
        theme().font, Tone::Muted));
    inner->addWidget(buildForm());
    inner->addStretch(1);
    auto *centre = new QWidget;
    centre->setLayout(inner);
    centre->setMaximumWidth(theme().px(720));
    auto *row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(centre, 8);
    row->addStretch(1);
    column->addLayout(row);

    auto *scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll);
    setEngineState({});
}

QWidget *StartPage::buildForm()
{
    QVBoxLayout *layout = nullptr;
    QFrame *frame = card(&layout);
    auto *form = new QFormLayout;
    form->setLabelAlignment(Qt::AlignLeft);
    form->setHorizontalSpacing(18);
    form->setVerticalSpacing(12);
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    const auto row = [&](const QString &name, QWidget *field, QWidget *buddy = nullptr) {
        auto *label = new QLabel(name);
        label->setBuddy(buddy ? buddy : field);
        (buddy ? buddy : field)->setAccessibleName(QString(name).remove('&'));
        form->addRow(label, field);
    };
    m_path = new QLineEdit;
    m_path->setPlaceholderText(tr("Folder of a git repository on this machine"));
    auto *browse = new QPushButton(tr("Choose…"));
    browse->setAccessibleName(tr("Choose the folder of the repository"));
    connect(browse, &QPushButton::clicked, this, &StartPage::choose);
    auto *pathRow = new QWidget;
    auto *pathLayout = new QHBoxLayout(pathRow);
    pathLayout->setContentsMargins(0, 0, 0, 0);
    pathLayout->addWidget(m_path, 1);
    pathLayout->addWidget(browse);
    row(tr("&Repository"), pathRow, m_path);
    m_base = new QLineEdit;
    m_base->setPlaceholderText(tr("the current branch"));
    row(tr("&Branch"), m_base);
    m_package = new QLineEdit;
    m_package->setPlaceholderText(tr("everything, or one package: ms, ms@2.1.3, @scope/name"));
    row(tr("&What"), m_package);
    m_level = new QComboBox;
    m_level->addItem(tr("patch, minor and major"), int(UpdateLevel::Major));
    m_level->addItem(tr("patch and minor"), int(UpdateLevel::Minor));
    m_level->addItem(tr("patch only"), int(UpdateLevel::Patch));
    m_level->setMinimumWidth(240);
    row(tr("&Level"), m_level);
    m_runtime = new QComboBox;
    m_runtime->addItem(tr("the engine's default"), QString());
    m_runtime->setMinimumWidth(240);
    row(tr("R&untime"), m_runtime);
    m_buildOnly = new QCheckBox(tr("Without tests, a build proves enough"));
    form->addRow(QString(), m_buildOnly);
    layout->addLayout(form);

    m_noEngine = text({}, theme().font, Tone::Bad);
    m_noEngine->hide();
    layout->addWidget(m_noEngine);
    m_error = text({}, theme().font, Tone::Bad);
    m_error->hide();
    layout->addWidget(m_error);
    auto *buttons = new QHBoxLayout;
    m_update = new QPushButton(tr("Update"));
    m_update->setProperty("primary", true);
    m_update->setToolTip(tr("Starts at once; nothing to confirm"));
    m_scan = new QPushButton(tr("Only scan"));
    m_scan->setToolTip(tr("Says what is outdated; runs nothing of the repository"));
    m_demo = new QPushButton(tr("Try it with the demo"));
    buttons->addWidget(m_update);
    buttons->addWidget(m_scan);
    buttons->addStretch(1);
    buttons->addWidget(m_demo);
    layout->addLayout(buttons);
    connect(m_update, &QPushButton::clicked, this, [this] { start(JobKind::Update); });
    connect(m_scan, &QPushButton::clicked, this, [this] { start(JobKind::Scan); });
    connect(m_demo, &QPushButton::clicked, m_service, &JobService::makeDemo);
    connect(m_path, &QLineEdit::returnPressed, m_update, &QPushButton::click);
    connect(m_package, &QLineEdit::returnPressed, m_update, &QPushButton::click);
    return frame;
}

void StartPage::setEngineState(const EngineState &state)
{
    m_state = state;
    using Step = EngineState::Step;
    const bool found = state.step != Step::Looking && state.step != Step::NoEngine;
    m_update->setEnabled(found);
    m_scan->setEnabled(found);
    m_demo->setEnabled(found);
    m_noEngine->setText(state.step == Step::NoEngine ? state.error.message : QString());
    m_noEngine->setVisible(state.step == Step::NoEngine);

    const QString chosen = m_runtime->currentData().toString();
    QStringList runtimes = state.info.runtimes;
    runtimes.removeIf([&](const QString &name) {
        return name == state.info.defaultRuntime || name.startsWith(QLatin1String("io.containerd"));
    });
    m_runtime->clear();
    m_runtime->addItem(tr("the engine's default"), QString());
    for (const QString &name : std::as_const(runtimes))
        m_runtime->addItem(name == QLatin1String("runsc") ? tr("runsc (gVisor)") : name, name);
    m_runtime->setCurrentIndex(std::max(0, m_runtime->findData(chosen)));
}

void StartPage::setRepository(const QString &path)
{
    m_path->setText(path);
}

void StartPage::update(const QString &what)
{
    m_package->setText(what);
    start(JobKind::Update);
}

void StartPage::showError(const QString &words)
{
    m_error->setText(words);
    m_error->setVisible(!words.isEmpty());
}

void StartPage::choose()
{
    const QString path = QFileDialog::getExistingDirectory(this, tr("Repository"), m_path->text());
    if (!path.isEmpty())
        m_path->setText(path);
}

std::optional<JobRequest> StartPage::request(JobKind kind)
{
    const QString path = m_path->text().trimmed();
    if (path.isEmpty()) {
        showError(tr("Choose the folder of a repository first."));
        m_path->setFocus();
        return std::nullopt;
    }
    const QFileInfo folder(path);
    if (!folder.isDir()) {
        showError(tr("There is no folder %1.").arg(path));
        m_path->setFocus();
        return std::nullopt;
    }
    const QString what = m_package->text().trimmed();
    const auto selection = parseSelection(what.isEmpty() ? QStringLiteral("all") : what);
    if (!selection) {
        showError(tr("\"%1\" is neither a package nor package@version.").arg(what));
        m_package->setFocus();
        return std::nullopt;
    }
    JobRequest request;
    request.id = newId();
    request.kind = kind;
    request.clientName = tr("Local");
    request.repositoryId = folder.canonicalFilePath();
    request.repositoryName = QFileInfo(request.repositoryId).fileName();
    request.baseBranch = m_base->text().trimmed();
    request.selection = *selection;
    request.selection.level = UpdateLevel(m_level->currentData().toInt());
    request.runtime = m_runtime->currentData().toString();
    request.acceptBuildOnly = m_buildOnly->isChecked();
    return request;
}

void StartPage::start(JobKind kind)
{
    showError({});
    if (const auto wanted = request(kind)) {
        emit startRequested(*wanted);
    }
}

} // namespace ovvoc
