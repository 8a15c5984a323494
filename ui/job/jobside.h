#pragma once

#include "jobs/job.h"

#include <QWidget>

class QGridLayout;
class QVBoxLayout;

namespace ovvoc {

class Sparkline;
class TextLabel;

/// The facts at a job's side: its cell and what that uses, the tokens' lives, the plan.
class JobSide : public QWidget
{
    Q_OBJECT
public:
    explicit JobSide(QWidget *parent = nullptr);
    void setJob(const Job &job);
    void setSamples(const QList<CellSample> &samples);

private:
    void buildCell(QVBoxLayout *column);
    void buildUse(QVBoxLayout *column);
    void showTokens(const Job &job);
    void showPlan(const Job &job);
    QWidget *m_use = nullptr;
    Sparkline *m_memory = nullptr, *m_cpu = nullptr;
    TextLabel *m_memoryText = nullptr, *m_cpuText = nullptr;
    TextLabel *m_image = nullptr, *m_runtime = nullptr, *m_user = nullptr, *m_root = nullptr,
              *m_network = nullptr, *m_limits = nullptr, *m_engine = nullptr;
    QGridLayout *m_tokens = nullptr;
    TextLabel *m_tokensNote = nullptr;
    TextLabel *m_plan = nullptr, *m_planTitle = nullptr, *m_base = nullptr;
    QList<TokenLife> m_shownTokens;
    bool m_tokensShown = false;
};

} // namespace ovvoc
