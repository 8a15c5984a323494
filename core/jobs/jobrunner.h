#pragma once

#include "base/mask.h"
#include "cell/cell.h"
#include "forge/forge.h"
#include "gate/gate.h"
#include "jobs/jobwitness.h"
#include "recipes/recipe.h"
#include "updates/codechange.h"
#include "updates/survey.h"

#include <functional>
#include <memory>

namespace ovvoc {

/// What a job needs of the program. Shared by all jobs; services come in here and nowhere else.
struct JobServices
{
    std::shared_ptr<EngineClient> engine;
    std::shared_ptr<ImageStore> images;
    std::shared_ptr<Resolver> resolver;
    std::shared_ptr<const SecretMask> mask;
    QString workspaceId; ///< a label on the cell
    /// Reads a client's credential for one of its registries (its id, the registry's address).
    using RegistryCredential =
        std::function<TaskResult<std::shared_ptr<const SecretBytes>>(QString, QString)>;
    RegistryCredential registryCredential; ///< null: there are no clients, so no credentials
    /// In place of the public registry that the image's npm names: a mirror of it.
    std::optional<RegistrySetting> publicRegistry;
    QString packagesFolder; ///< where public packages are kept between jobs; empty: nowhere
    /// What earlier runs found out about the request's repository under these conditions.
    using Memory = std::function<RepositoryMemory(const JobRequest &, const QString &conditions)>;
    Memory memory; ///< null: nothing is remembered
    std::shared_ptr<JobWitness> witness; ///< writes everything down; null: nothing is kept
};

/// Whether a member has a test script of its own.
bool testsItself(const SurveyMember &member);
/// Whether a member has a script that builds it.
bool buildsItself(const SurveyMember &member);
/// Whether its members are to be built one by one: the root has no build script, and no test script
/// that does it.
bool membersBuildThemselves(const SurveyProject &project);
/// Whether the tests of a project's members have to be run besides the root's own.
bool membersTestThemselves(const SurveyProject &project);
/// The first of \a paths, for a sentence.
QString shortPathList(const QStringList &paths);

/// Runs one job from Create to Destroy. Reads like the design's section 1. Lives on the core
/// thread; make one per job and keep it until finished().
class JobRunner : public QObject
{
    Q_OBJECT
public:
    JobRunner(JobRequest request, std::shared_ptr<Forge> forge, JobServices services);
    ~JobRunner() override;

    /// Runs to the end. Never fails as a call: what went wrong is in the job. Call once.
    Task<Job> run();
    /// Ends the job as soon as possible, at any moment: the cell is destroyed, which ends whatever
    /// runs in it. run() then returns with Outcome::Cancelled.
    void cancel();
    const Job &job() const { return m_job; }

    static constexpr qint64 logLimit = Q_INT64_C(64) << 20; ///< per job; then one line says so

signals:
    /// The job's state after a change; at most 20 times a second, and always for phase changes.
    void changed(const ovvoc::Job &job);
    void logged(const ovvoc::LogChunk &chunk);
    /// About once a second while the cell lives.
    void sampled(const ovvoc::CellSample &sample);

private:
    // One function per phase, in the order of a job's life.
    TaskResult<> create();
    TaskResult<> clone();
    TaskResult<> analyze();
    TaskResult<> transform();
    TaskResult<> build();
    TaskResult<> test();
    TaskResult<> propose();
    Task<> destroy();
    Task<> watchCell(QString containerId);

    /// Runs one phase: marks it, times it, limits it, and turns what happens into its state.
    TaskResult<> inPhase(PhaseKind kind, int timeoutSeconds, TaskResult<> (JobRunner::*body)());
    TaskResult<> runSteps(QList<RecipeStep> steps, QStringList environment);
    TaskResult<> runStep(RecipeStep step, QStringList environment, QString folder = {});
    TaskResult<> fetchLargeFiles(QString folder);
    TaskResult<> fetchSubmodules();
    TaskResult<> fetchOneSubmodule(SubmoduleRequest module);
    TaskResult<QList<SubmoduleRequest>> submodulesOf(SubmoduleRequest within);
    QString gitFailure() const;
    void leaveOut(const QString &code, const QString &text);
    TaskResult<> survey();
    Task<> splitIntoGroups();
    TaskResult<Survey> askSurvey(QStringList options);
    Result<> useProject(const SurveyProject &project);
    TaskResult<> readBase(QStringList paths);
    TaskResult<> choose();
    TaskResult<> transformProject();
    TaskResult<> installOthers();
    TaskResult<> rebuildOthers();
    QList<SurveyMember> membersToBuild() const;
    TaskResult<bool> unlock(QByteArray output);
    TaskResult<> writeManifests(bool exact);
    TaskResult<> keepManifests(SurveyProject project);
    TaskResult<> writeBack();
    TaskResult<> nothingToDo();
    TaskResult<> fetchToolchain();
    /// A Node or a package manager, fetched into the cell.
    struct Tool
    {
        QString version, folder;
        QString commands; ///< folder that goes into PATH; empty: the image's own
    };
    struct ProjectTools
    {
        Tool node, manager;
    };
    TaskResult<Tool> fetchTool(QStringList arguments, QString what);
    TaskResult<Tool> nodeFor(SurveyProject project, Tool own);
    TaskResult<Tool> managerFor(SurveyProject project, Recipe recipe);
    TaskResult<> checkTools(QString step);
    TaskResult<> lockWork();
    TaskResult<> unlockWork();
    void limitWrites(ExecRequest &request) const;
    TaskResult<> checkBeside(QString step);
    TaskResult<QByteArray> beside();
    TaskResult<> readClosed();
    TaskResult<FileTree> toolchainTree();
    QString toolPath() const;
    QString whyNothing() const;
    std::optional<Error> explainStep(const RecipeStep &step) const;
    void watchSilence();
    /// The code of one project that moves: its files in the commit, the packages that move, and
    /// the rule files for them.
    struct ProjectCode
    {
        SurveyProject project;
        QStringList files, packages;
        QList<RuleSet> steps;
    };
    TaskResult<> readRepository();
    ProjectCode sourcesOf(const SurveyProject &project) const;
    ProjectCode codeOf(const SurveyProject &project) const;
    TaskResult<> findAdditions();
    QList<AddedDependency> additions(const QString &file) const;
    TaskResult<> changeCode();
    TaskResult<> forecastCode();
    TaskResult<> forecastFiles(ProjectCode code, CodeReport &report);
    TaskResult<QStringList> trackedFiles();
    TaskResult<QByteArray> askCodeProgram(QByteArray request);
    TaskResult<CodeReport> askCode(ProjectCode code, QList<CodemodRun> runs, QStringList hold);
    TaskResult<QStringList> layOut(ProjectCode code, CodeRule rule, QList<CodemodRun> runs,
                                   QString to);
    TaskResult<> fetchCodemod(QString id);
    TaskResult<> fetchCodemods();
    TaskResult<QList<CodemodRun>> runCodemods(ProjectCode code);
    TaskResult<> removeCodemods();
    TaskResult<> sealPatchNow();
    TaskResult<> checkPlanned();
    void noteMends(const Survey &after);
    void recall();
    void noteNarrower();
    TaskResult<> clearForTest();
    TaskResult<> checkBeforeTest();
    Task<> tellWhatTestsChanged();
    TaskResult<bool> check(CheckScript check);
    QString firstLineOfFailure() const;
    TaskResult<QStringList> runChecks(SurveyProject project, QStringList ran);
    Task<> readTests();
    struct TestRun;
    QList<TestRun> testRuns() const;
    bool onlyFailsAsBefore() const;
    void useTestScripts();
    bool giveWay(const QByteArray &output);
    QHash<QString, QList<UpdatePlace>> placesByFile() const;
    QString projectFolder() const;
    TaskResult<> openGate();
    TaskResult<> writeFile(QString path, QByteArray bytes);
    void closeGate();
    void stopFor(const Error &error);
    Result<> note(const QString &action, const QString &result, const QJsonObject &detail);
    void keepOutcome();
    QStringList environment(bool gateOpen) const;
    void addRegistries(QHash<QString, QString> &environment, bool gateOpen) const;
    QString registry() const;
    bool isNamed(const QString &url) const;
    TaskResult<QList<RegistryRoute>> registryRoutes();
    QHash<QString, QString> recipeValues() const;
    QStringList moves() const;
    QStringList forgotten() const;
    QStringList unnamedRegistries() const;
    /// Of our own calls of git: no settings but ours, no question, nothing fetched.
    static QStringList gitEnvironment();
    static inline const QString repoFolder = QStringLiteral("/work/repo"); ///< of the clone
    /// What the tools trust while the gate is open.
    static inline const QString authorityFile = QStringLiteral("/tmp/ovvoc-authority.pem");
    static constexpr qint64 lockfileLimit = Q_INT64_C(64) * 1024 * 1024;
    bool applies(const RecipeStep &step) const;
    static QStringList setAside(const SurveyProject &project);

    Phase &phase(PhaseKind kind);
    void say(const QString &line);
    void passOn(const LogChunk &chunk);
    void stepDone(const QString &text);
    void publish();
    void publishSoon();
    void forwardLog(OutputChannel channel, const QByteArray &bytes);
    void flushLog();
    void egressChanged(const EgressRow &row);
    FailureReport reportFor(PhaseKind kind, const Error &error) const;

    Job m_job;
    std::shared_ptr<Forge> m_forge;
    JobServices m_services;
    Recipe m_recipe; ///< of the project that is worked on
    std::unique_ptr<Gate> m_gate;
    std::unique_ptr<Cell> m_cell;
    /// A file that may change, as the commit has it and as git checked it out.
    struct BaseBlob
    {
        QString id;
        quint32 mode = 0100644;
        QByteArray stored, checkedOut;
        bool crlf = false; ///< checked out with other line ends than it is stored with
    };
    Survey m_survey;
    QList<SurveyNote> m_leftOut; ///< what belongs to the repository and could not be fetched
    QList<ForgeProposal> m_known; ///< what was proposed before, as the forge tells
    QList<SurveyProject> m_projects; ///< those of which something moves
    QList<SurveyProject> m_others; ///< those that are only installed, as they are
    SurveyProject m_project; ///< the one that is worked on
    QHash<QString, BaseBlob> m_base;
    QHash<QString, QByteArray> m_planned; ///< manifests as they are to be, to the byte
    /// Of managers that format them anew: all manifests, as they are to be.
    QHash<QString, QByteArray> m_manifests;
    FileTree m_cloned, m_sealedTree, m_builtTree;
    FileTree m_toolTree, m_toolchainTree; ///< as they were fetched, and at the seal
    QHash<QString, Tool> m_tools; ///< by what was asked for
    QHash<QString, ProjectTools> m_projectTools; ///< by the project's path
    QStringList m_tracked; ///< plain files of the commit
    QList<RuleSet> m_ownRules; ///< of the agency or the client
    QList<ProjectCode> m_code; ///< of m_projects
    QList<AddedDependency> m_added; ///< what rules add beside what moves
    QSet<QString> m_codemods; ///< ids of those that were fetched
    /// Where managers make and change files; see jobbeside.cpp.
    QStringList m_managersWrite;
    QByteArray m_beside; ///< what lies beside the clone's files, as it was locked; see beside()
    QHash<QString, QByteArray> m_closed; ///< lockfiles, as the gate closed
    int m_copies = 0; ///< of sources, for codemods
    QStringList m_mayAppear; ///< patterns of what a manager puts beside the repository's files
    QSet<QString> m_state; ///< files in which a manager notes something for itself
    QString m_secretName; ///< of a file that no repository can have brought along
    QString m_registry;
    QByteArray m_stepOutput; ///< of the step that runs, bounded, for tests and excerpts
    QString m_stepName;
    std::unique_ptr<StreamMask> m_stdoutMask, m_stderrMask;
    PhaseKind m_phase = PhaseKind::Create;
    QHash<quint64, qsizetype> m_egressAt; ///< by the row's id, where it stands in the job
    qint64 m_logged = 0;
    QTimer m_publisher;
    std::optional<Error>
        m_stop; ///< cancel or time-out: the reason why the cell was destroyed early
    std::shared_ptr<Stopper> m_stopper =
        std::make_shared<Stopper>(); ///< ends what Create waits for
    QTimer m_silence; ///< since the last output of a test script
    bool m_watchEnded = false;
    std::optional<TestSummary> m_stepTests; ///< of the last test step
    std::optional<Error> m_unrecorded; ///< why what happens could not be written down, at first
    bool m_upToDate = false;
    bool m_proposed = false;
};

} // namespace ovvoc
