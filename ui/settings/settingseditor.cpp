#include "settings/settingseditor.h"

#include "format.h"
#include "theme/theme.h"
#include "widgets/basics.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QLineEdit>
#include <QVBoxLayout>

namespace ovvoc {

SettingsEditor::SettingsEditor(QWidget *parent)
    : QWidget(parent)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(14);
    addGroup(layout, tr("What is updated"),
             {"level", "include", "exclude", "skip", "cooldown-days", "grouping", "groups",
              "code-rules", "rules-folder"});
    addGroup(layout, tr("What proves it"),
             {"test-scripts", "node", "projects", "accept-build-only", "accept-known-failures"});
    addGroup(layout, tr("When"), {"schedule", "priority"});
    addGroup(layout, tr("The cell"),
             {"runtime", "memory-mib", "cpus", "processes", "disk-mib", "phase-seconds", "history",
              "environment"});
    addGroup(layout, tr("Network"), {"allowlist", "proxy", "kept-packages-mib"});
    addGroup(layout, tr("Pull requests"),
             {"labels", "draft", "open-proposals", "proposals-per-week"});
    addGroup(layout, tr("Reports"), {"agency-name", "agency-logo", "minutes-per-update"});
    addGroup(layout, tr("Retention"), {"keep-jobs-months", "keep-excerpts-days", "keep-logs-days"});
}

void SettingsEditor::addGroup(QVBoxLayout *layout, const QString &title, const QStringList &names)
{
    QVBoxLayout *inner = nullptr;
    QFrame *frame = card(&inner);
    inner->addWidget(heading(title));
    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(14);
    grid->setVerticalSpacing(8);
    grid->setColumnStretch(0, 4);
    grid->setColumnStretch(1, 5);
    grid->setColumnMinimumWidth(2, theme().px(92));
    inner->addLayout(grid);
    for (const QString &name : names) {
        const SettingInfo *info = findSetting(name);
        if (!info)
            continue;
        Row row;
        row.info = *info;
        row.title = label(info->title, theme().font);
        row.title->setWordWrap(true);
        row.editor = makeEditor(*info);
        row.editor->setAccessibleName(info->title);
        row.editor->setObjectName(name);
        row.title->setBuddy(row.editor);
        row.origin = label({}, theme().small, Tone::Muted);
        row.reset = quietButton(tr("Reset"));
        row.reset->setAccessibleName(tr("Reset: %1").arg(info->title));
        row.reset->setToolTip(tr("Back to the inherited value"));
        row.error = label({}, theme().small, Tone::Bad);
        row.error->setWordWrap(true);
        row.error->hide();
        const int at = grid->rowCount();
        grid->addWidget(row.title, at, 0);
        grid->addWidget(row.editor, at, 1);
        grid->addWidget(row.origin, at, 2);
        grid->addWidget(row.reset, at, 3);
        grid->addWidget(row.error, at + 1, 1, 1, 3);
        connect(row.reset, &QPushButton::clicked, this, [this, name] { reset(name); });
        m_rows.insert(name, row);
    }
    layout->addWidget(frame);
}

QWidget *SettingsEditor::makeEditor(const SettingInfo &info)
{
    const QString name = info.name;
    if (info.type == SettingInfo::Type::Choice) {
        auto *box = new QComboBox;
        box->addItems(info.choices);
        connect(box, &QComboBox::currentTextChanged, this, [this, name](const QString &text) {
            if (!m_filling)
                set(name, text);
        });
        return box;
    }
    if (info.type == SettingInfo::Type::Switch) {
        auto *box = new QCheckBox;
        connect(box, &QCheckBox::toggled, this, [this, name](bool on) {
            if (!m_filling)
                set(name, on ? QStringLiteral("on") : QStringLiteral("off"));
        });
        return box;
    }
    if (name == QLatin1String("schedule")) {
        // The usual ones to choose, and anything else to write.
        auto *box = new QComboBox;
        box->setEditable(true);
        box->setInsertPolicy(QComboBox::NoInsert);
        box->addItems({"off", "hourly", "daily 06:00", "weekly mon 06:00", "0 6 * * mon-fri"});
        box->setToolTip(tr("When it is updated by itself, while the window is open: off, hourly, "
                           "daily 06:00, weekly mon 06:00, or a cron line"));
        connect(box, &QComboBox::textActivated, this,
                [this, name](const QString &text) { set(name, text); });
        connect(box->lineEdit(), &QLineEdit::editingFinished, this, [this, name, box] {
            if (!m_filling && box->lineEdit()->isModified()) {
                box->lineEdit()->setModified(false);
                set(name, box->currentText());
            }
        });
        return box;
    }
    auto *line = new QLineEdit;
    if (info.type == SettingInfo::Type::List)
        line->setPlaceholderText(tr("several, with commas between them"));
    connect(line, &QLineEdit::editingFinished, this, [this, name, line] {
        if (!m_filling && line->isModified()) {
            line->setModified(false);
            set(name, line->text());
        }
    });
    return line;
}

void SettingsEditor::put(QWidget *editor, const QJsonValue &value)
{
    if (auto *box = qobject_cast<QComboBox *>(editor)) {
        if (!box->lineEdit() || !box->lineEdit()->isModified())
            box->setCurrentText(value.toString());
    } else if (auto *check = qobject_cast<QCheckBox *>(editor))
        check->setChecked(value.toBool());
    else if (auto *line = qobject_cast<QLineEdit *>(editor); line && !line->isModified())
        line->setText(settingText(value));
}

void SettingsEditor::show(SettingLevel level, const SettingOverrides &own, const Settings &resolved)
{
    m_filling = true;
    m_level = level;
    m_own = own;
    for (const Row &row : std::as_const(m_rows)) {
        const ResolvedSetting value = resolved.at(row.info.name);
        put(row.editor, value.value);
        const bool mayBeSet = level <= row.info.deepest;
        row.editor->setEnabled(mayBeSet);
        row.editor->setToolTip(plainTip(
            mayBeSet ? QString() : tr("This is set for a client, not for one repository.")));
        const bool here = own.contains(row.info.name);
        row.reset->setEnabled(here);
        QString from;
        switch (value.from) {
        case SettingLevel::Default:
            from = tr("default");
            break;
        case SettingLevel::Agency:
            from = tr("from the agency");
            break;
        case SettingLevel::Client:
            from = tr("from the client");
            break;
        case SettingLevel::Repository:
            from = tr("from the repository");
            break;
        }
        row.origin->setText(value.from == level && here ? tr("set here") : from);
        row.origin->setTone(here ? Tone::Accent : Tone::Muted);
    }
    m_filling = false;
}

void SettingsEditor::forgetTyped()
{
    for (const Row &row : std::as_const(m_rows)) {
        row.error->hide();
        if (auto *line = qobject_cast<QLineEdit *>(row.editor))
            line->setModified(false);
    }
}

QString SettingsEditor::set(const QString &name, const QString &text)
{
    const auto row = m_rows.constFind(name);
    if (row == m_rows.cend())
        return tr("There is no setting \"%1\".").arg(name);
    const auto value = parseSetting(row->info, text);
    row->error->setVisible(!value);
    if (!value) {
        row->error->setText(value.error().message);
        return value.error().message;
    }
    SettingOverrides changed = m_own;
    changed[name] = *value;
    if (changed != m_own) {
        m_own = changed;
        emit edited(changed);
    }
    return {};
}

void SettingsEditor::reset(const QString &name)
{
    SettingOverrides changed = m_own;
    changed.remove(name);
    const auto row = m_rows.constFind(name);
    row->error->hide();
    if (auto *line = qobject_cast<QLineEdit *>(row->editor))
        line->setModified(false);
    m_own = changed;
    emit edited(changed);
}

QString SettingsEditor::originOf(const QString &name) const
{
    const auto row = m_rows.constFind(name);
    return row == m_rows.cend() ? QString() : row->origin->text();
}

} // namespace ovvoc
