#pragma once

#include "desktop/corethread.h"
#include "job/jobpage.h"
#include "shell/mainwindow.h"
#include "support/memorystore.h"
#include "support/testsupport.h"
#include "theme/theme.h"

#include <QApplication>
#include <QDialog>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

namespace ovvoc::test {

/// The real window over the real core, in a workspace of its own, and what a person's eyes and
/// fingers do with it. A test class derives from it.
class WindowBench : public QObject
{
protected:
    QTemporaryDir m_folder;
    std::shared_ptr<MemoryStore> m_keychain = std::make_shared<MemoryStore>();
    std::unique_ptr<CoreThread> m_core;
    std::unique_ptr<MainWindow> m_window;
    EngineState m_engine;

    void openWindow()
    {
        QCoreApplication::setOrganizationName("ovvoc-test");
        qputenv("XDG_CONFIG_HOME", m_folder.path().toLocal8Bit());
        qputenv("OVVOC_WORKSPACE", (m_folder.path() + "/workspace").toLocal8Bit());
        installTranslations();
        applyTheme(*qApp, ThemeMode::Light, 1);
        registerDesktopTypes();
        VERIFY_RESULT(workspace, WorkspaceFolder::open());
        m_core =
            std::make_unique<CoreThread>(workspace, m_keychain, std::make_shared<SecretMask>());
        connect(m_core.get(), &JobService::engineChanged, this,
                [this](const EngineState &state) { m_engine = state; });
        m_window = std::make_unique<MainWindow>(m_core.get(), m_core->workspace());
        m_window->resize(1440, 900); // whatever the screen of a test is
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }
    /// Ends the core as quitting does, after the window has asked for it.
    void endCore()
    {
        QSignalSpy ended(m_core.get(), &JobService::ended);
        m_core->end(false);
        QVERIFY(ended.wait(30'000));
        m_window.reset();
        m_core.reset();
    }

    template <typename Widget> static Widget *named(QWidget *parent, const QString &name)
    {
        for (Widget *one : parent->findChildren<Widget *>()) {
            if (one->accessibleName() == name && one->isVisible())
                return one;
        }
        return nullptr;
    }
    static QPushButton *button(QWidget *parent, const QString &text)
    {
        for (QPushButton *one : parent->findChildren<QPushButton *>()) {
            if (one->text() == text && one->isVisible())
                return one;
        }
        return nullptr;
    }
    QDialog *dialog() const
    {
        for (QDialog *one : m_window->findChildren<QDialog *>()) {
            if (one->isVisible())
                return one;
        }
        return nullptr;
    }
    JobPage *shownJob() const
    {
        const Place place = m_window->place();
        return place.page == Place::Page::Job ? m_window->page(place.id) : nullptr;
    }
    /// Without a window manager nobody gives the window its focus back when a dialog or a menu has
    /// closed.
    void reactivate()
    {
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }
    /// To whatever has the focus, as a keyboard does.
    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = {})
    {
        QWidget *target = QApplication::activePopupWidget();
        if (!target)
            target = QApplication::focusWidget();
        QTest::keyClick(target ? target : m_window.get(), key, modifiers);
    }
    void type(const QString &text)
    {
        QVERIFY(QApplication::focusWidget());
        QTest::keyClicks(QApplication::focusWidget(), text);
    }
    /// Presses Tab until the control of this name or text has the focus.
    bool tabTo(const QString &name)
    {
        const auto isThere = [&name] {
            const QWidget *widget = QApplication::focusWidget();
            const auto *push = qobject_cast<const QAbstractButton *>(widget);
            return widget && (widget->accessibleName() == name || (push && push->text() == name));
        };
        for (int presses = 0; presses < 200; ++presses) {
            if (isThere())
                return true;
            key(Qt::Key_Tab);
        }
        return false;
    }
    /// The core thread takes requests in their order: when this one is answered, so are the others.
    bool coreHasDoneWhatWasAsked()
    {
        bool answered = false;
        m_core->workspace()->audit({}).then(
            this, [&answered](const Result<QList<AuditEntry>> &) { answered = true; });
        return QTest::qWaitFor([&answered] { return answered; }, 10'000);
    }
    /// Types into the palette and takes the first that it shows.
    void palette(const QString &letters)
    {
        key(Qt::Key_K, Qt::ControlModifier);
        QTRY_VERIFY(m_window->commandPalette()->isVisible());
        type(letters);
        key(Qt::Key_Return);
    }
};

} // namespace ovvoc::test
