// How the window closes, hides into the tray, and ends.

#include "settings/preferences.h"
#include "shell/mainwindow.h"
#include "widgets/toast.h"

#include <QCloseEvent>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QSystemTrayIcon>

namespace ovvoc {

void MainWindow::updateTray()
{
    const bool wanted = preferences::usesTray() && QSystemTrayIcon::isSystemTrayAvailable();
    if (!wanted) {
        delete m_tray;
        m_tray = nullptr;
        return;
    }
    if (m_tray)
        return;
    m_tray = new QSystemTrayIcon(windowIcon(), this);
    auto *menu = new QMenu(this);
    const auto appear = [this] {
        show();
        raise();
        activateWindow();
    };
    menu->addAction(tr("Open"), this, appear);
    menu->addAction(tr("Quit"), this, &MainWindow::quit);
    m_tray->setContextMenu(menu);
    m_tray->setToolTip(tr("Ovvoc Desktop"));
    connect(m_tray, &QSystemTrayIcon::activated, this, appear);
    m_tray->show();
}

void MainWindow::askBeforeQuit()
{
    auto *box =
        new QMessageBox(QMessageBox::Question, tr("Ovvoc Desktop"),
                        tr("%n job(s) still run.", nullptr, m_services.board->unfinishedCount()),
                        QMessageBox::NoButton, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setInformativeText(tr("In the background they run to their end; then the program ends. At "
                               "the next start they go on with what is left of them."));
    QPushButton *background =
        box->addButton(tr("Keep running in the background"), QMessageBox::AcceptRole);
    QPushButton *later = box->addButton(tr("Go on at the next start"), QMessageBox::AcceptRole);
    QPushButton *cancel = box->addButton(tr("Cancel them and quit"), QMessageBox::DestructiveRole);
    box->addButton(tr("Stay"), QMessageBox::RejectRole);
    box->setDefaultButton(background);
    connect(box, &QMessageBox::finished, this, [this, box, background, later, cancel] {
        endWith(box->clickedButton() == background   ? Ending::Background
                    : box->clickedButton() == later  ? Ending::Later
                    : box->clickedButton() == cancel ? Ending::Cancel
                                                     : Ending::Stay);
    });
    box->open();
}

void MainWindow::endWith(Ending ending)
{
    switch (ending) {
    case Ending::Stay:
        return;
    case Ending::Background:
        if (m_services.board->unfinishedCount() == 0)
            break; // the last one ended while the question stood
        m_quitWhenIdle = true;
        hide();
        return;
    case Ending::Later:
    case Ending::Cancel:
        break;
    }
    m_toast->flush();
    QSettings().setValue("window/geometry", saveGeometry());
    m_closing = true;
    hide();
    // Every cell is destroyed before the program ends: ended() comes when that is done.
    emit quitRequested(ending == Ending::Later);
}

void MainWindow::quit()
{
    if (m_closing)
        return;
    if (m_services.board->unfinishedCount() > 0)
        askBeforeQuit();
    else
        endWith(Ending::Cancel);
}

/// Who opens the window again wants to go on.
void MainWindow::showEvent(QShowEvent *event)
{
    m_quitWhenIdle = false;
    QMainWindow::showEvent(event);
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (m_closing)
        return event->accept();
    event->ignore();
    if (m_tray && m_tray->isVisible())
        return hide();
    quit();
}

} // namespace ovvoc
