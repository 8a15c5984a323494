<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
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
    <name>ovvoc::JobPage</name>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>%n line</numerusform>
            <numerusform>%n lines</numerusform>
        </translation>
    </message>
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
    <message numerus="yes">
        <source>%n connection(s), %1 in, %2 out, %3 refused. Allowed: %4.</source>
        <translation>
            <numerusform>%n connection, %1 in, %2 out, %3 refused. Allowed: %4.</numerusform>
            <numerusform>%n connections, %1 in, %2 out, %3 refused. Allowed: %4.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ovvoc::JobRunner</name>
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
        <source>%n direct dependencies</source>
        <translation>
            <numerusform>%n direct dependency</numerusform>
            <numerusform>%n direct dependencies</numerusform>
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
    <name>ovvoc::MainWindow</name>
    <message numerus="yes">
        <source>%n package(s)</source>
        <translation>
            <numerusform>%n package</numerusform>
            <numerusform>%n packages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) still run. Cancel them and quit?</source>
        <translation>
            <numerusform>%n job still runs. Cancel it and quit?</numerusform>
            <numerusform>%n jobs still run. Cancel them and quit?</numerusform>
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
    <name>ovvoc::StartPage</name>
    <message numerus="yes">
        <source>API %1 at %2, %n CPU(s)</source>
        <translation>
            <numerusform>API %1 at %2, %n CPU</numerusform>
            <numerusform>API %1 at %2, %n CPUs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Reports</name>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n day</numerusform>
            <numerusform>%n days</numerusform>
        </translation>
    </message>
</context>
</TS>
