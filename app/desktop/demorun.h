#pragma once

#include "jobservice.h"

#include <QSet>

namespace ovvoc {

class MainWindow;

/// Runs the demo in the window: an update that passes, then one that breaks a test. With a folder
/// it also saves pictures of the window, light and dark, and quits: 0 when both ended as they
/// should, else 1.
class DemoRun : public QObject
{
    Q_OBJECT
public:
    DemoRun(MainWindow *window, JobService *service, QString pictures);

private:
    void engineChanged(const EngineState &state);
    void run(const QString &package);
    void jobChanged(const Job &job);
    void jobFinished(const Job &job);
    void picture(const QString &name);
    void quit(int code, const QString &words);
    MainWindow *m_window;
    JobService *m_service;
    QString m_pictures;
    QString m_repository;
    QString m_current;
    QSet<QString> m_taken;
    bool m_started = false;
    bool m_first = true;
};

} // namespace ovvoc
