#pragma once

#include "jobboard.h"
#include "place.h"
#include "valuemodel.h"

#include <QWidget>

class QFrame;
class QPushButton;
class QVBoxLayout;

namespace ovvoc {

class TextLabel;

/// Whether this machine is ready: engine, job image, keychain, network, each with what mends it.
/// The first page that a new user sees, with the two ways to begin.
class MachinePage : public QWidget
{
    Q_OBJECT
public:
    explicit MachinePage(const Services &services, QWidget *parent = nullptr);

signals:
    void go(const ovvoc::Place &place);
    void addClientRequested();
    void demoRequested();

private:
    struct Line
    {
        TextLabel *mark = nullptr, *title = nullptr, *detail = nullptr;
        QPushButton *button = nullptr;
    };
    Line addLine(QVBoxLayout *layout, const QString &name);
    static void show(const Line &line, Tone tone, const QString &mark, const QString &title,
                     const QString &detail, const QString &button);
    void showEngine(const EngineState &state);
    void showNetwork(const NetworkState &state);
    void showWorkspace();
    Services m_services;
    TextLabel *m_title = nullptr;
    Line m_engine, m_gvisor, m_image, m_keychain, m_network;
    QPushButton *m_demo = nullptr, *m_client = nullptr;
    EngineState m_engineState;
};

} // namespace ovvoc
