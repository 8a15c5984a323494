#include "settings/agencysettingspage.h"

#include "settings/preferences.h"
#include "theme/theme.h"
#include "widgets/basics.h"

#include <QCheckBox>
#include <QComboBox>
#include <QVBoxLayout>

namespace ovvoc {

AgencySettingsPage::AgencySettingsPage(const Services &services, QWidget *parent)
    : QWidget(parent)
    , m_services(services)
    , m_editor(new SettingsEditor)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    QBoxLayout *head = nullptr;
    layout->addWidget(pageHeader(&head));
    head->addWidget(label(tr("Settings"), theme().title));
    TextLabel *words =
        label(tr("for all clients that set nothing else"), theme().font, Tone::Muted);
    words->setElided(true);
    head->addWidget(words, 1);
    auto *content = new QWidget;
    auto *body = new QVBoxLayout(content);
    body->setContentsMargins(20, 16, 20, 20);
    body->setSpacing(14);
    body->addWidget(buildWindowCard());
    body->addWidget(m_editor);
    body->addStretch(1);
    layout->addWidget(scrolled(content), 1);
    connect(m_editor, &SettingsEditor::edited, this, [this](const SettingOverrides &overrides) {
        m_services.workspace->saveAgencyOverrides(overrides).then(
            this, [this](const Result<> &done) {
                if (!done)
                    emit said(done.error().message);
            });
    });
    connect(m_services.workspace, &WorkspaceService::agencyChanged, this,
            &AgencySettingsPage::refresh);
    refresh();
}

QWidget *AgencySettingsPage::buildWindowCard()
{
    QVBoxLayout *inner = nullptr;
    QFrame *frame = card(&inner);
    inner->addWidget(heading(tr("The window")));
    auto *row = new QHBoxLayout;
    auto *mode = new QComboBox;
    mode->setAccessibleName(tr("Appearance"));
    mode->addItem(tr("like the system"), QStringLiteral("system"));
    mode->addItem(tr("light"), QStringLiteral("light"));
    mode->addItem(tr("dark"), QStringLiteral("dark"));
    mode->addItem(tr("high contrast"), QStringLiteral("high-contrast"));
    mode->setCurrentIndex(std::max(0, mode->findData(preferences::appearance())));
    row->addWidget(label(tr("Appearance"), theme().font));
    row->addWidget(mode);
    row->addStretch(1);
    inner->addLayout(row);
    connect(mode, &QComboBox::currentIndexChanged, this, [this, mode] {
        preferences::setAppearance(mode->currentData().toString());
        emit preferencesChanged();
    });
    const auto check = [&](const QString &text, bool value, void (*store)(bool)) {
        auto *box = new QCheckBox(text);
        box->setChecked(value);
        inner->addWidget(box);
        connect(box, &QCheckBox::toggled, this, [this, store](bool on) {
            store(on);
            emit preferencesChanged();
        });
    };
    check(tr("Tell me when a job has ended"), preferences::notifies(), preferences::setNotifies);
    check(tr("Keep running in the tray when the window is closed"), preferences::usesTray(),
          preferences::setUsesTray);
    return frame;
}

void AgencySettingsPage::refresh()
{
    m_editor->show(SettingLevel::Agency, m_services.workspace->agencyOverrides(),
                   m_services.workspace->settingsOf({}));
}

} // namespace ovvoc
