<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>ClientReport</name>
    <message numerus="yes">
        <source>%n container(s), each for one job; the engine confirmed the end of %1.</source>
        <translation>
            <numerusform>%n container, for one job; the engine confirmed the end of %1.</numerusform>
            <numerusform>%n containers, each for one job; the engine confirmed the end of %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n control(s) were looked at, and all were found as asked.</source>
        <translation>
            <numerusform>%n control was looked at, and found as asked.</numerusform>
            <numerusform>%n controls were looked at, and all were found as asked.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n control(s) were looked at: %1 found as asked, %2 weaker, %3 that this engine or kernel does not have.</source>
        <translation>
            <numerusform>%n control was looked at: %1 found as asked, %2 weaker, %3 that this engine or kernel does not have.</numerusform>
            <numerusform>%n controls were looked at: %1 found as asked, %2 weaker, %3 that this engine or kernel does not have.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n record(s) could not be read and are not counted.</source>
        <translation>
            <numerusform>%n record could not be read and is not counted.</numerusform>
            <numerusform>%n records could not be read and are not counted.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 to %2 · %n repositories</source>
        <translation>
            <numerusform>%1 to %2 · %n repository</numerusform>
            <numerusform>%1 to %2 · %n repositories</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Cli</name>
    <message numerus="yes">
        <source>%n repositories</source>
        <translation>
            <numerusform>%n repository</numerusform>
            <numerusform>%n repositories</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Launch</name>
    <message numerus="yes">
        <source>%1 is %n day(s) old</source>
        <translation>
            <numerusform>%1 is %n day old</numerusform>
            <numerusform>%1 is %n days old</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Run</name>
    <message numerus="yes">
        <source>%n group(s) held back</source>
        <translation>
            <numerusform>%n group held back</numerusform>
            <numerusform>%n groups held back</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n proposal(s)</source>
        <translation>
            <numerusform>%n proposal</numerusform>
            <numerusform>%n proposals</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n update(s) did not pass</source>
        <translation>
            <numerusform>%n update did not pass</numerusform>
            <numerusform>%n updates did not pass</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n cell(s)</source>
        <translation>
            <numerusform>%n cell</numerusform>
            <numerusform>%n cells</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Groups</name>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <translation>
            <numerusform>%1 and %n more</numerusform>
            <numerusform>%1 and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Plan</name>
    <message numerus="yes">
        <source>%n packages</source>
        <translation>
            <numerusform>%n package</numerusform>
            <numerusform>%n packages</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Reports</name>
    <message numerus="yes">
        <source> and %n more</source>
        <translation>
            <numerusform> and %n more</numerusform>
            <numerusform> and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n day</numerusform>
            <numerusform>%n days</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::AuditPage</name>
    <message numerus="yes">
        <source>last %n day(s)</source>
        <translation>
            <numerusform>last %n day</numerusform>
            <numerusform>last %n days</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The details of %n entries were erased with their client; their place in the chain holds.</source>
        <translation>
            <numerusform>The details of %n entry were erased with their client; their place in the chain holds.</numerusform>
            <numerusform>The details of %n entries were erased with their client; their place in the chain holds.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::ClientPage</name>
    <message numerus="yes">
        <source>%n job(s) running or waiting</source>
        <translation>
            <numerusform>%n job running or waiting</numerusform>
            <numerusform>%n jobs running or waiting</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n dependencies could not be judged; the scans say why.</source>
        <translation>
            <numerusform>%n dependency could not be judged; its scan says why.</numerusform>
            <numerusform>%n dependencies could not be judged; the scans say why.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::EgressModel</name>
    <message numerus="yes">
        <source>%n request(s)</source>
        <translation>
            <numerusform>%n request</numerusform>
            <numerusform>%n requests</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n from what is kept</source>
        <translation>
            <numerusform>%n from what is kept</numerusform>
            <numerusform>%n from what is kept</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::JobHistoryPage</name>
    <message numerus="yes">
        <source>last %n day(s)</source>
        <translation>
            <numerusform>last %n day</numerusform>
            <numerusform>last %n days</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::JobPage</name>
    <message numerus="yes">
        <source>○ waits: %n job(s) before it</source>
        <translation>
            <numerusform>○ waits: %n job before it</numerusform>
            <numerusform>○ waits: %n jobs before it</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 in %n file(s)</source>
        <translation>
            <numerusform>%1 in %n file</numerusform>
            <numerusform>%1 in %n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1: %n connection(s), %2 in, %3 out</source>
        <translation>
            <numerusform>%1: %n connection, %2 in, %3 out</numerusform>
            <numerusform>%1: %n connections, %2 in, %3 out</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more host(s)</source>
        <translation>
            <numerusform>and %n more host</numerusform>
            <numerusform>and %n more hosts</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s), +%1 −%2, sealed as SHA-256 %3</source>
        <translation>
            <numerusform>%n file, +%1 −%2, sealed as SHA-256 %3</numerusform>
            <numerusform>%n files, +%1 −%2, sealed as SHA-256 %3</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::JobRunner</name>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <translation>
            <numerusform>%1 and %n more</numerusform>
            <numerusform>%1 and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>the build made %n file(s) that look like tests or their settings: %1</source>
        <translation>
            <numerusform>the build made %n file that looks like a test or its settings: %1</numerusform>
            <numerusform>the build made %n files that look like tests or their settings: %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n test(s) fail, and failed without the update too</source>
        <translation>
            <numerusform>%n test fails, and failed without the update too</numerusform>
            <numerusform>%n tests fail, and failed without the update too</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n more</numerusform>
            <numerusform>%n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) of Git LFS</source>
        <translation>
            <numerusform>%n file of Git LFS</numerusform>
            <numerusform>%n files of Git LFS</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1: %2 (%n place(s))</source>
        <translation>
            <numerusform>%1: %2 (%n place)</numerusform>
            <numerusform>%1: %2 (%n places)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n group(s), first: %1</source>
        <translation>
            <numerusform>%n group, first: %1</numerusform>
            <numerusform>%n groups, first: %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n of %1 outdated</source>
        <translation>
            <numerusform>%n of %1 outdated</numerusform>
            <numerusform>%n of %1 outdated</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n control(s) checked</source>
        <translation>
            <numerusform>%n control checked</numerusform>
            <numerusform>%n controls checked</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n control(s)</source>
        <translation>
            <numerusform>%n control</numerusform>
            <numerusform>%n controls</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n dependencies</source>
        <translation>
            <numerusform>%n dependency</numerusform>
            <numerusform>%n dependencies</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) sealed</source>
        <translation>
            <numerusform>%n file sealed</numerusform>
            <numerusform>%n files sealed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The test script ended well although %n test(s) failed.</source>
        <translation>
            <numerusform>The test script ended well although %n test failed.</numerusform>
            <numerusform>The test script ended well although %n tests failed.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n test(s) failed.</source>
        <translation>
            <numerusform>%1 of %n test failed.</numerusform>
            <numerusform>%1 of %n tests failed.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n passed</source>
        <translation>
            <numerusform>%n passed</numerusform>
            <numerusform>%n passed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source> and %n more</source>
        <translation>
            <numerusform> and %n more</numerusform>
            <numerusform> and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>surveyed: %n project(s)</source>
        <translation>
            <numerusform>surveyed: %n project</numerusform>
            <numerusform>surveyed: %n projects</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>nothing to move; %n left out, first %1</source>
        <translation>
            <numerusform>nothing to move; %n left out, first %1</numerusform>
            <numerusform>nothing to move; %n left out, first %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>the build changed %n file(s) of the repository: %1</source>
        <translation>
            <numerusform>the build changed %n file of the repository: %1</numerusform>
            <numerusform>the build changed %n files of the repository: %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::JobSide</name>
    <message numerus="yes">
        <source>%1, %2 CPU, %n process(es)</source>
        <translation>
            <numerusform>%1, %2 CPU, %n process</numerusform>
            <numerusform>%1, %2 CPU, %n processes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n package(s) installed</source>
        <translation>
            <numerusform>%n package installed</numerusform>
            <numerusform>%n packages installed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n outdated</source>
        <translation>
            <numerusform>%n outdated</numerusform>
            <numerusform>%n outdated</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>, %n day(s) old</source>
        <translation>
            <numerusform>, %n day old</numerusform>
            <numerusform>, %n days old</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::LifecycleView</name>
    <message numerus="yes">
        <source>gate open · %n host(s) allowed</source>
        <translation>
            <numerusform>gate open · %n host allowed</numerusform>
            <numerusform>gate open · %n hosts allowed</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::LogTab</name>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>%n line</numerusform>
            <numerusform>%n lines</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::MainWindow</name>
    <message numerus="yes">
        <source>%n job(s) still run.</source>
        <translation>
            <numerusform>%n job still runs.</numerusform>
            <numerusform>%n jobs still run.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::OverviewPage</name>
    <message numerus="yes">
        <source>%n run(s) go on with what was left.</source>
        <translation>
            <numerusform>%n run goes on with what was left.</numerusform>
            <numerusform>%n runs go on with what was left.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>An earlier end cut off %n job(s). Cells are gone, tokens revoked: %1.</source>
        <translation>
            <numerusform>An earlier end cut off %n job. Cells are gone, tokens revoked: %1.</numerusform>
            <numerusform>An earlier end cut off %n jobs. Cells are gone, tokens revoked: %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>An earlier end cut off %n job(s). Not every cell is known to be gone, since no engine answered; tokens revoked: %1.</source>
        <translation>
            <numerusform>An earlier end cut off %n job. Not every cell is known to be gone, since no engine answered; tokens revoked: %1.</numerusform>
            <numerusform>An earlier end cut off %n jobs. Not every cell is known to be gone, since no engine answered; tokens revoked: %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n waiting</source>
        <translation>
            <numerusform>%n waiting</numerusform>
            <numerusform>%n waiting</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::PendingModel</name>
    <message numerus="yes">
        <source>%n rule(s) apply</source>
        <translation>
            <numerusform>%n rule applies</numerusform>
            <numerusform>%n rules apply</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n rule(s), %1 by hand</source>
        <translation>
            <numerusform>%n rule, %1 by hand</numerusform>
            <numerusform>%n rules, %1 by hand</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n place(s)</source>
        <translation>
            <numerusform>%n place</numerusform>
            <numerusform>%n places</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 is %n day(s) old</source>
        <translation>
            <numerusform>%1 is %n day old</numerusform>
            <numerusform>%1 is %n days old</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::PlanModel</name>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n day</numerusform>
            <numerusform>%n days</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::RepositoryPage</name>
    <message numerus="yes">
        <source>%n dependencies</source>
        <translation>
            <numerusform>%n dependency</numerusform>
            <numerusform>%n dependencies</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n can move</source>
        <translation>
            <numerusform>%n can move</numerusform>
            <numerusform>%n can move</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n not judged</source>
        <translation>
            <numerusform>%n not judged</numerusform>
            <numerusform>%n not judged</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n advisories on what others bring</source>
        <translation>
            <numerusform>%n advisory on what others bring</numerusform>
            <numerusform>%n advisories on what others bring</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n open, as of %1</source>
        <translation>
            <numerusform>%n open, as of %1</numerusform>
            <numerusform>%n open, as of %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Not asked yet; %n known from jobs of this workspace</source>
        <translation>
            <numerusform>Not asked yet; %n known from jobs of this workspace</numerusform>
            <numerusform>Not asked yet; %n known from jobs of this workspace</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::ScanModel</name>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n day</numerusform>
            <numerusform>%n days</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::ProposalsMenu</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::Sidebar</name>
    <message numerus="yes">
        <source>%n active</source>
        <translation>
            <numerusform>%n active</numerusform>
            <numerusform>%n active</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n pending update(s)</source>
        <translation>
            <numerusform>%n pending update</numerusform>
            <numerusform>%n pending updates</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n failing</source>
        <translation>
            <numerusform>%n failing</numerusform>
            <numerusform>%n failing</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Format</name>
    <message numerus="yes">
        <source>%n min ago</source>
        <translation>
            <numerusform>%n min ago</numerusform>
            <numerusform>%n min ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n h ago</source>
        <translation>
            <numerusform>%n h ago</numerusform>
            <numerusform>%n h ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>%n day ago</numerusform>
            <numerusform>%n days ago</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Confidence</name>
    <message numerus="yes">
        <source>the build made %n file(s) that look like tests or their settings, so what ran may be these</source>
        <translation>
            <numerusform>the build made %n file that looks like a test or its settings, so what ran may be it</numerusform>
            <numerusform>the build made %n files that look like tests or their settings, so what ran may be these</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n test(s) fail, as they did without the update</source>
        <translation>
            <numerusform>%n test fails, as it did without the update</numerusform>
            <numerusform>%n tests fail, as they did without the update</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>rules changed %n place(s) of the code, each at least 90 % sure</source>
        <translation>
            <numerusform>rules changed %n place of the code, each at least 90 % sure</numerusform>
            <numerusform>rules changed %n places of the code, each at least 90 % sure</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n place(s) of the code are left to a person</source>
        <translation>
            <numerusform>%n place of the code is left to a person</numerusform>
            <numerusform>%n places of the code are left to a person</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n test(s) passed without network</source>
        <translation>
            <numerusform>%n test passed without network</numerusform>
            <numerusform>%n tests passed without network</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>the build or the tests changed %n file(s) of the repository</source>
        <translation>
            <numerusform>the build or the tests changed %n file of the repository</numerusform>
            <numerusform>the build or the tests changed %n files of the repository</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Choose</name>
    <message numerus="yes">
        <source>%1 is %n day(s) old; this repository waits %2</source>
        <translation>
            <numerusform>%1 is %n day old; this repository waits %2</numerusform>
            <numerusform>%1 is %n days old; this repository waits %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 is %n day(s) old; %2 takes none before %3</source>
        <translation>
            <numerusform>%1 is %n day old; %2 takes none before %3</numerusform>
            <numerusform>%1 is %n days old; %2 takes none before %3</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::UpdatesPage</name>
    <message numerus="yes">
        <source>Skipped in %n repositories: %1</source>
        <translation>
            <numerusform>Skipped in %n repository: %1</numerusform>
            <numerusform>Skipped in %n repositories: %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n dependencies could not be judged; the scans say why.</source>
        <translation>
            <numerusform>%n dependency could not be judged; its scan says why.</numerusform>
            <numerusform>%n dependencies could not be judged; the scans say why.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Classify</name>
    <message numerus="yes">
        <source> and %n more</source>
        <translation>
            <numerusform> and %n more</numerusform>
            <numerusform> and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) import it; no rule that is known finds anything to change</source>
        <translation>
            <numerusform>%n file imports it; no rule that is known finds anything to change</numerusform>
            <numerusform>%n files import it; no rule that is known finds anything to change</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) import it, and the step promises not to break them</source>
        <translation>
            <numerusform>%n file imports it, and the step promises not to break it</numerusform>
            <numerusform>%n files import it, and the step promises not to break them</numerusform>
        </translation>
    </message>
</context>
</TS>
