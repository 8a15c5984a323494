#include "jobs/jobjson.h"

#include <QJsonArray>
#include <QJsonObject>
#include <type_traits>

namespace ovvoc {

namespace {

// Each struct names its members once, in fields(); a Writer and a Reader go over them.

template <typename T>
concept Enumeration = std::is_enum_v<T>;

QString toString(TestCase::State state)
{
    switch (state) {
    case TestCase::State::Passed:
        return QStringLiteral("passed");
    case TestCase::State::Failed:
        return QStringLiteral("failed");
    case TestCase::State::Skipped:
        return QStringLiteral("skipped");
    }
    return {};
}

QString nameOf(auto value)
{
    return toString(value);
}

template <Enumeration E> void setByName(E &value, const QString &name)
{
    // Every enum here is small and without gaps; toString() is empty behind its end.
    for (int i = 0; i < 64; ++i) {
        const QString candidate = nameOf(E(i));
        if (candidate.isEmpty())
            return;
        if (candidate == name) {
            value = E(i);
            return;
        }
    }
}

class Writer
{
public:
    QJsonObject object;

    template <typename T> void operator()(const char *name, const T &value)
    {
        object[QLatin1String(name)] = valueOf(value);
    }
    /// For a value that stands for "none".
    template <typename T> void unless(const char *name, const T &value, const T &none)
    {
        if (value != none)
            (*this)(name, value);
    }

private:
    static QJsonValue valueOf(const QString &v) { return v; }
    static QJsonValue valueOf(const QByteArray &v) { return QString::fromLatin1(v); }
    static QJsonValue valueOf(bool v) { return v; }
    static QJsonValue valueOf(int v) { return v; }
    static QJsonValue valueOf(qint64 v) { return v; }
    static QJsonValue valueOf(quint64 v) { return qint64(v); }
    static QJsonValue valueOf(double v) { return v; }
    static QJsonValue valueOf(const QStringList &v) { return QJsonArray::fromStringList(v); }
    static QJsonValue valueOf(const QDateTime &v)
    {
        return v.isValid() ? v.toUTC().toString(Qt::ISODateWithMs) : QString("");
    }
    template <Enumeration E> static QJsonValue valueOf(E v) { return nameOf(v); }
    template <typename T> static QJsonValue valueOf(const std::optional<T> &v)
    {
        return v ? valueOf(*v) : QJsonValue();
    }
    template <typename T> static QJsonValue valueOf(const QList<T> &list)
    {
        QJsonArray array;
        for (const T &item : list)
            array << valueOf(item);
        return array;
    }
    template <typename T>
        requires requires(Writer &w, T &t) { fields(w, t); }
    static QJsonValue valueOf(const T &v);
};

class Reader
{
public:
    explicit Reader(QJsonObject from)
        : object(std::move(from))
    { }
    const QJsonObject object;

    template <typename T> void operator()(const char *name, T &value)
    {
        const auto it = object.find(QLatin1String(name));
        if (it != object.end())
            read(*it, value);
    }
    template <typename T> void unless(const char *name, T &value, const T &)
    {
        (*this)(name, value);
    }

private:
    static void read(const QJsonValue &j, QString &v) { v = j.toString(v); }
    static void read(const QJsonValue &j, QByteArray &v) { v = j.toString().toLatin1(); }
    static void read(const QJsonValue &j, bool &v) { v = j.toBool(v); }
    static void read(const QJsonValue &j, int &v) { v = j.toInt(v); }
    static void read(const QJsonValue &j, qint64 &v) { v = j.toInteger(v); }
    static void read(const QJsonValue &j, quint64 &v) { v = quint64(j.toInteger(qint64(v))); }
    static void read(const QJsonValue &j, double &v) { v = j.toDouble(v); }
    static void read(const QJsonValue &j, QStringList &v)
    {
        v.clear();
        for (const auto &item : j.toArray())
            v << item.toString();
    }
    static void read(const QJsonValue &j, QDateTime &v)
    {
        v = QDateTime::fromString(j.toString(), Qt::ISODateWithMs);
    }
    template <Enumeration E> static void read(const QJsonValue &j, E &v)
    {
        setByName(v, j.toString());
    }
    template <typename T> static void read(const QJsonValue &j, std::optional<T> &v)
    {
        v.reset();
        if (j.isNull() || j.isUndefined() || (j.isString() && j.toString().isEmpty()))
            return;
        v.emplace();
        read(j, *v);
    }
    template <typename T> static void read(const QJsonValue &j, QList<T> &list)
    {
        list.clear();
        for (const auto &item : j.toArray()) {
            T one;
            read(item, one);
            list << one;
        }
    }
    template <typename T>
        requires requires(Reader &r, T &t) { fields(r, t); }
    static void read(const QJsonValue &j, T &v)
    {
        Reader reader(j.toObject());
        fields(reader, v);
    }
};

template <typename Archive> void fields(Archive &a, TestCase &v)
{
    a("suite", v.suite);
    a("name", v.name);
    a("state", v.state);
    a.unless("milliseconds", v.milliseconds, -1.0);
    a.unless("file", v.file, QString());
    a.unless("line", v.line, 0);
    a.unless("message", v.message, QString());
}

template <typename Archive> void fields(Archive &a, Advisory &v)
{
    a("package", v.package);
    a("severity", v.severity);
    a("title", v.title);
    a("url", v.url);
    a("range", v.range);
    a.unless("direct", v.direct, true);
    a.unless("via", v.via, QStringList());
    a.unless("fix", v.fix, QString());
}

template <typename Archive> void fields(Archive &a, PlannedUpdate &v)
{
    a("package", v.name);
    a.unless("project", v.project, QString());
    a("section", v.section);
    a("from", v.from);
    a("to", v.to);
    a("fromRange", v.fromRange);
    a("range", v.toRange);
    a("level", v.level);
    a("ageDays", v.ageDays);
    a.unless("source", v.source, QString());
    a.unless("fixes", v.fixes, QList<Advisory>());
}

template <typename Archive> void fields(Archive &a, SkippedUpdate &v)
{
    a("package", v.name);
    a("reason", v.reason);
}

template <typename Archive> void fields(Archive &a, UpdatePlan &v)
{
    a("updates", v.updates);
    a("skipped", v.skipped);
}

template <typename Archive> void fields(Archive &a, CodePlace &v)
{
    a("file", v.file);
    a("line", v.line);
    a.unless("text", v.text, QString());
}

template <typename Archive> void fields(Archive &a, CodeChange &v)
{
    a("package", v.package);
    a.unless("project", v.project, QString());
    a("rule", v.rule);
    a("title", v.title);
    a("type", v.type);
    a("fromVersion", v.fromVersion);
    a("toVersion", v.toVersion);
    a("category", v.category);
    a("confidence", v.confidence);
    a("source", v.source);
    a.unless("origin", v.origin, QString());
    a.unless("changed", v.changed, QList<CodePlace>());
    a.unless("byHand", v.byHand, QList<CodePlace>());
    a.unless("unsure", v.unsure, QList<CodePlace>());
}

template <typename Archive> void fields(Archive &a, PackageUse &v)
{
    a("package", v.package);
    a.unless("project", v.project, QString());
    a("files", v.files);
    a("places", v.places);
    a.unless("members", v.members, QStringList());
}

template <typename Archive> void fields(Archive &a, CodeReport &v)
{
    a.unless("changes", v.changes, QList<CodeChange>());
    a.unless("uses", v.uses, QList<PackageUse>());
    a.unless("problems", v.problems, QList<CodePlace>());
    a.unless("written", v.written, QStringList());
    a.unless("projects", v.projects, QStringList());
}

template <typename Archive> void fields(Archive &a, CodeForecast &v)
{
    a("read", v.read);
    a("files", v.files);
    a("places", v.places);
    a("category", v.category);
    a("strategy", v.strategy);
    a.unless("rules", v.rules, QStringList());
    a.unless("byHand", v.byHand, QStringList());
}

template <typename Archive> void fields(Archive &a, ScannedDependency &v)
{
    a("package", v.name);
    a.unless("project", v.project, QString());
    a("section", v.section);
    a("range", v.range);
    a("current", v.current);
    a("wanted", v.wanted);
    a("latest", v.latest);
    a.unless("level", v.level, std::optional<UpdateLevel>());
    a.unless("ageDays", v.ageDays, -1);
    a.unless("note", v.note, QString());
    a.unless("deprecated", v.deprecated, QString());
    a.unless("gone", v.gone, false);
    a.unless("code", v.code, CodeForecast());
}

template <typename Archive> void fields(Archive &a, ScanReport &v)
{
    a("installedPackages", v.installedPackages);
    a("dependencies", v.dependencies);
    a("advisories", v.advisories);
    a("advisoriesChecked", v.advisoriesChecked);
    a.unless("advisoryNote", v.advisoryNote, QString());
    a.unless("notes", v.notes, QStringList());
}

template <typename Archive> void fields(Archive &a, Phase &v)
{
    a("phase", v.kind);
    a("state", v.state);
    a("started", v.started);
    a("ended", v.ended);
    a("message", v.message);
    a("steps", v.steps);
    a.unless("commands", v.commands, QStringList());
}

template <typename Archive> void fields(Archive &a, Evidence &v)
{
    a("control", v.control);
    a("asked", v.asked);
    a("found", v.found);
    a("verdict", v.verdict);
}

template <typename Archive> void fields(Archive &a, EgressRow &v)
{
    a("id", v.id);
    a("time", v.time);
    a("host", v.host);
    a("port", v.port);
    a("verdict", v.verdict);
    a("reason", v.reason);
    a("what", v.what);
    a("requests", v.requests);
    a("kept", v.kept);
    a("bytesIn", v.bytesIn);
    a("bytesOut", v.bytesOut);
    a("milliseconds", v.milliseconds);
}

template <typename Archive> void fields(Archive &a, TokenLife &v)
{
    a("purpose", v.purpose);
    a("permissions", v.permissions);
    a("repository", v.repository);
    a("minted", v.minted);
    a("ended", v.ended);
    a("state", v.state);
    a("confirmed", v.confirmed);
}

template <typename Archive> void fields(Archive &a, ReleaseNotes &v)
{
    a("package", v.package);
    a("version", v.version);
    a("address", v.address);
    a("breaking", v.breaking);
}

template <typename Archive> void fields(Archive &a, FileChange &v)
{
    a("path", v.path);
    a("added", v.added);
    a("removed", v.removed);
    a.unless("binary", v.binary, false);
}

template <typename Archive> void fields(Archive &a, SealedPatch &v)
{
    a("sha256", v.sha256);
    a("files", v.files);
}

template <typename Archive> void fields(Archive &a, Proposal &v)
{
    a("branch", v.branch);
    a("commit", v.commit);
    a("location", v.location);
    a("number", v.number);
    a("note", v.note);
}

template <typename Archive> void fields(Archive &a, UpdateTarget &v)
{
    a("package", v.name);
    a("version", v.version);
    a.unless("project", v.project, QString());
    a.unless("from", v.from, QString());
}

template <typename Archive> void fields(Archive &a, OpenProposal &v)
{
    a("branch", v.branch);
    a("title", v.title);
    a("location", v.location);
    a("number", v.number);
    a("created", v.created);
    a.unless("topic", v.mark.topic, QString());
    a.unless("moves", v.mark.updates, QList<UpdateTarget>());
}

template <typename Archive> void fields(Archive &a, JobImage &v)
{
    a("id", v.id);
    a("reference", v.reference);
    a("base", v.base);
}

template <typename Archive> void fields(Archive &a, BaseRef &v)
{
    a("branch", v.branch);
    a("commit", v.commit);
}

template <typename Archive> void fields(Archive &a, CellLimits &v)
{
    a("memoryBytes", v.memoryBytes);
    a("cpus", v.cpus);
    a("processes", v.processes);
    a("openFiles", v.openFiles);
    a("workBytes", v.workBytes);
    a("tmpBytes", v.tmpBytes);
    a("lifetimeSeconds", v.lifetimeSeconds);
}

template <typename Archive> void fields(Archive &a, UpdateSelection &v)
{
    a("package", v.package);
    a.unless("packages", v.packages, QStringList());
    a("version", v.version);
    a("level", v.level);
    a.unless("include", v.include, QStringList());
    a.unless("exclude", v.exclude, QStringList());
    a.unless("cooldownDays", v.cooldownDays, 0);
}

template <typename Archive> void fields(Archive &a, FailureReport &v)
{
    a("phase", v.phase);
    a("step", v.step);
    a("code", v.error.code);
    a("message", v.error.message);
    a("excerpt", v.excerpt);
    a("tests", v.tests);
    a("suggestions", v.suggestions);
}

template <typename Archive> void fields(Archive &a, TestSummary &v)
{
    a("runner", v.runner);
    a("passed", v.passed);
    a("failed", v.failed);
    a("skipped", v.skipped);
    a("milliseconds", v.milliseconds);
    a("failures", v.cases);
}

template <typename Archive> void fields(Archive &a, StepHistory &v)
{
    a.unless("passed", v.passed, QStringList());
    a.unless("broke", v.broke, QStringList());
    a.unless("flaky", v.flaky, QStringList());
}

template <typename Archive> void fields(Archive &a, Job &v)
{
    a("id", v.request.id);
    a("kind", v.request.kind);
    a("client", v.request.clientId);
    a("clientName", v.request.clientName);
    a("repositoryId", v.request.repositoryId);
    a("repository", v.request.repositoryName);
    a("baseBranch", v.request.baseBranch);
    a("recipe", v.request.recipe);
    a("runtime", v.request.runtime);
    a("selection", v.request.selection);
    a("limits", v.request.limits);
    a("priority", v.request.priority);
    a("trigger", v.request.trigger);
    a.unless("run", v.request.runId, QString());
    a.unless("topic", v.request.topic, QString());
    a.unless("part", v.request.part, QString());
    a.unless("baseline", v.request.baseline, false);
    a.unless("changeCode", v.request.changeCode, true);
    a("acceptBuildOnly", v.request.acceptBuildOnly);
    a.unless("node", v.request.node, QString());
    a.unless("projects", v.request.projects, QStringList());
    a.unless("testScripts", v.request.testScripts, QStringList());
    a.unless("acceptKnownFailures", v.request.acceptKnownFailures, false);
    a.unless("failedBefore", v.failedBefore, QStringList());
    a("created", v.created);
    a("outcome", v.outcome);
    a("summary", v.summary);
    a("engine", v.engine);
    a("container", v.containerId);
    a("image", v.image);
    a("base", v.base);
    a("phases", v.phases);
    a("evidence", v.evidence);
    a("hosts", v.allowedHosts);
    a("gateOpened", v.gateOpened);
    a("gateClosed", v.gateClosed);
    a("egress", v.egress);
    a("tokens", v.tokens);
    a("plan", v.plan);
    a.unless("code", v.code, CodeReport());
    a("patch", v.patch);
    a("releaseNotes", v.releaseNotes);
    a.unless("tests", v.tests, std::optional<TestSummary>());
    a.unless("toolchain", v.toolchain, QString());
    a.unless("notes", v.notes, QStringList());
    a.unless("aside", v.aside, QStringList());
    a.unless("unproved", v.unproved, QStringList());
    a.unless("history", v.history, StepHistory());
    a.unless("unnamedRegistries", v.unnamedRegistries, QStringList());
    a.unless("mends", v.mends, QList<Advisory>());
    a.unless("changedByTests", v.changedByTests, QStringList());
    a.unless("changedByBuild", v.changedByBuild, QStringList());
    a.unless("madeTests", v.madeTests, QStringList());
    a.unless("scan", v.scan, std::optional<ScanReport>());
    a.unless("failure", v.failure, std::optional<FailureReport>());
    a.unless("proposal", v.proposal, std::optional<Proposal>());
    a.unless("proposalTitle", v.proposalTitle, QString());
    a.unless("proposalBody", v.proposalBody, QString());
}

template <typename T>
    requires requires(Writer &w, T &t) { fields(w, t); }
QJsonValue Writer::valueOf(const T &v)
{
    Writer writer;
    // fields() is written for both directions; a Writer changes nothing.
    fields(writer, const_cast<T &>(v));
    return writer.object;
}

} // namespace

QJsonObject toJson(const Job &job)
{
    Job kept = job;
    if (kept.tests) // the passed ones are only counted
        kept.tests->cases = kept.tests->failures();
    Writer writer;
    fields(writer, kept);
    return writer.object;
}

Job jobFromJson(const QJsonObject &object)
{
    Job job;
    Reader reader(object);
    fields(reader, job);
    return job;
}

QJsonObject toJson(const OpenProposal &proposal)
{
    OpenProposal kept = proposal;
    Writer writer;
    fields(writer, kept);
    return writer.object;
}

OpenProposal openProposalFromJson(const QJsonObject &object)
{
    OpenProposal proposal;
    Reader reader(object);
    fields(reader, proposal);
    return proposal;
}

QJsonObject takeExcerpt(QJsonObject &job)
{
    QJsonObject taken;
    const auto strip = [&taken](QJsonObject &owner, const char *list, const char *as) {
        QJsonArray tests = owner[QLatin1String(list)].toArray(), messages;
        for (qsizetype i = 0; i < tests.size(); ++i) {
            QJsonObject test = tests[i].toObject();
            messages << test.take(QStringLiteral("message"));
            tests[i] = test;
        }
        if (!tests.isEmpty())
            owner[QLatin1String(list)] = tests;
        if (!messages.isEmpty())
            taken[QLatin1String(as)] = messages;
    };
    if (job.contains("failure")) {
        QJsonObject failure = job["failure"].toObject();
        if (const QString text = failure.take(QStringLiteral("excerpt")).toString();
            !text.isEmpty())
            taken["excerpt"] = text;
        strip(failure, "tests", "failureTests");
        job["failure"] = failure;
    }
    if (job.contains("tests")) {
        QJsonObject tests = job["tests"].toObject();
        strip(tests, "failures", "tests");
        job["tests"] = tests;
    }
    return taken;
}

void giveExcerpt(QJsonObject &job, const QJsonObject &excerpt)
{
    const auto fill = [&excerpt](QJsonObject &owner, const char *list, const char *as) {
        QJsonArray tests = owner[QLatin1String(list)].toArray();
        const QJsonArray messages = excerpt[QLatin1String(as)].toArray();
        for (qsizetype i = 0; i < std::min(tests.size(), messages.size()); ++i) {
            QJsonObject test = tests[i].toObject();
            test["message"] = messages[i];
            tests[i] = test;
        }
        owner[QLatin1String(list)] = tests;
    };
    if (job.contains("failure")) {
        QJsonObject failure = job["failure"].toObject();
        failure["excerpt"] = excerpt["excerpt"].toString();
        fill(failure, "tests", "failureTests");
        job["failure"] = failure;
    }
    if (job.contains("tests")) {
        QJsonObject tests = job["tests"].toObject();
        fill(tests, "failures", "tests");
        job["tests"] = tests;
    }
}

} // namespace ovvoc
