import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { fakeHandler, plain, startFake } from './testing/fake.mjs';
import { lay, lock3, start, survey } from './testing/run.mjs';
import fs from 'node:fs';
import path from 'node:path';

const fake = await startFake({
  ms: { versions: { '2.1.0': {}, '2.1.1': { deprecated: 'old one' }, '2.1.2': { age: 50 }, '2.1.3': { age: 3, engines: '>=18' }, '3.0.0': { engines: '>=22', peers: { react: '^18' } }, '3.0.0-rc.1': {}, '4.0.0-alpha.1': {} }, latest: '3.0.0', tags: { next: '4.0.0-alpha.1' } },
  debug: plain('4.1.0', '4.1.1', '4.2.0'),
  lodash: plain('3.10.1', '4.0.0', '4.17.21'),
  zero: plain('0.0.1', '0.0.2', '0.1.0', '0.2.0', '1.0.0'),
  pre: { ...plain('1.0.0', '2.0.0-alpha.1', '2.0.0-alpha.2', '2.0.0', '2.1.0-beta.1', '2.1.0'), latest: '2.1.0' },
  ahead: { ...plain('5.0.0', '6.0.0-alpha.1', '6.0.0-alpha.4'), latest: '5.0.0' },
  '@types/node': plain('18.0.0', '20.0.0', '20.5.0', '22.0.0', '26.0.0'), react: plain('16.14.0', '17.0.0', '18.0.0', '19.0.0'), flaky: plain('1.0.0', '1.1.0'), '@acme/kit': plain('1.0.0', '1.1.0'), a: plain('9.0.0'),
  '@types/react': plain('16.0.0', '17.0.0', '18.0.0', '19.0.0'),
  hot: { versions: Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`1.0.${i}`, {}])) },
});
after(() => fake.stop());
const run = (files, ...more) => survey(files, fake.url, more);
const versions = (dependency) => dependency.versions.map((one) => one.version);

const root = { name: 'x', version: '1.0.0', scripts: { test: 'node --test' }, dependencies: { ms: '^2.1.0' }, devDependencies: { debug: '~4.1.0' } };
const locks = {
  1: { name: 'x', lockfileVersion: 1, dependencies: { ms: { version: '2.1.1', resolved: 'https://h.invalid/ms/-/ms-2.1.1.tgz' }, debug: { version: '4.1.0', dev: true, requires: { ms: '^2.1.1' }, dependencies: { ms: { version: '2.1.2' } } } } },
  2: { ...lock3(root, { ms: '2.1.1', debug: { version: '4.1.0', dependencies: { ms: '^2.1.1' } }, 'debug/node_modules/ms': '2.1.2' }, 2), dependencies: {} },
  3: lock3(root, { ms: '2.1.1', debug: { version: '4.1.0', dependencies: { ms: '^2.1.1' } }, 'debug/node_modules/ms': '2.1.2' }),
};
for (const version of [1, 2, 3]) {
  test(`npm lockfile ${version}: development dependencies are found, levels and times are there`, async () => {
    fake.state.log.length = 0;
    const got = await run({ 'package.json': root, 'package-lock.json': locks[version] });
    assert.equal(got.project.lockfile.version, String(version));
    assert.deepEqual(got.dep('ms').current, ['2.1.1']);
    assert.deepEqual(versions(got.dep('ms')), ['2.1.2', '2.1.3', '3.0.0']);
    assert.deepEqual(got.dep('ms').versions.map((v) => v.level), ['patch', 'patch', 'major']);
    assert.deepEqual(got.dep('ms').versions.map((v) => v.inRange), [true, true, false]);
    assert.equal(got.dep('ms').versions[1].ageDays, 3);
    assert.deepEqual(got.dep('ms').versions[2].peers, { react: '^18' });
    assert.equal(got.dep('ms').currentDeprecated, 'old one');
    assert.equal(got.dep('ms').wanted, '2.1.3');
    assert.equal(got.dep('ms').source, 'https://github.com/acme/ms');
    assert.deepEqual(got.dep('debug').current, ['4.1.0']);
    assert.equal(got.dep('debug').section, 'devDependencies');
    assert.equal(got.project.installedPackages, 3);
    assert.deepEqual(got.project.problems, []);
    assert.equal(got.project.advisories.state, 'not-checked');
    assert.match(got.project.advisories.note, /405/);
    assert.equal(fake.state.log.filter((l) => l === 'GET /ms short').length, 1);
    assert.equal(fake.state.log.filter((l) => l === 'GET /ms full').length, 1);
  });
}

test('how old a version must be: each manager says it in its own file and unit, and excepts names', async () => {
  const dependencies = { ms: '^2.1.0', debug: '~4.1.0', '@s/a': '1.0.0' };
  const asked = async (files) => {
    const { project, dep } = await run({ 'package.json': { name: 'x', dependencies }, ...files });
    return [project.minimumAge, ...Object.keys(dependencies).map((name) => dep(name).minimumAgeDays ?? 0)];
  };
  const npmrc = { '.npmrc': 'min-release-age=7\n' }, pnpm = { 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n" };
  assert.deepEqual(await asked(npmrc), [{ days: 7, from: '.npmrc' }, 7, 7, 7]);
  assert.deepEqual(await asked({}), [null, 0, 0, 0]);
  for (const bad of ['-1', 'x', '', '0', '1e999']) assert.deepEqual(await asked({ '.npmrc': `min-release-age=${bad}\n` }), [null, 0, 0, 0], bad);
  // npm's word is not pnpm's, and the other way round
  assert.deepEqual((await asked({ ...npmrc, ...pnpm }))[0], null);
  assert.deepEqual((await asked({ '.npmrc': 'minimum-release-age=2880\n' }))[0], null);
  assert.deepEqual(await asked({ '.npmrc': 'minimum-release-age=2880\n', ...pnpm }), [{ days: 2, from: '.npmrc' }, 2, 2, 2]);
  assert.deepEqual(await asked({ ...pnpm, 'pnpm-workspace.yaml': "minimumReleaseAge: 1441\nminimumReleaseAgeExclude:\n  - '@s/*'\n  - debug@4.2.0\n" }), [{ days: 2, from: 'pnpm-workspace.yaml' }, 2, 0, 0]);
  const yarn = { 'yarn.lock': '__metadata:\n  version: 8\n' };
  assert.deepEqual(await asked({ ...yarn, '.yarnrc.yml': "npmMinimalAgeGate: 1w\nnpmPreapprovedPackages:\n  - 'm*'\n" }), [{ days: 7, from: '.yarnrc.yml' }, 0, 7, 7]);
  assert.deepEqual((await asked({ ...yarn, '.yarnrc.yml': 'npmMinimalAgeGate: 4320\n' }))[0], { days: 3, from: '.yarnrc.yml' });
  assert.deepEqual((await asked({ ...yarn, '.yarnrc.yml': 'npmMinimalAgeGate: soon\n' }))[0], null);
});

test('what was set aside stands in pnpm\'s lockfile again as it did, and what does not fit together is told', async () => {
  const { mergedLock, treeOf, textOf } = await import('../../resources/ecosystems/node/survey/aside-pnpm.mjs');
  const lock = (react, more = { importer: '', packages: '', snapshots: '' }) => `lockfileVersion: '9.0'

settings:
  autoInstallPeers: true

importers:

  .:
    dependencies:
${more.importer}      react:
        specifier: ^18.0.0
        version: ${react}

packages:
${more.packages}
  react@${react}:
    resolution: {integrity: sha512-x}
    deprecated: |-
      two lines

      of it

snapshots:
${more.snapshots}
  react@${react}: {}
`;
  const kit = {
    importer: "      '@acme/kit':\n        specifier: ^1.0.0\n        version: 1.0.0(react@18.2.0)\n",
    packages: "\n  '@acme/kit@1.0.0':\n    resolution: {integrity: sha512-y}\n    peerDependencies:\n      react: '*'\n\n  only-its@1.0.0:\n    resolution: {integrity: sha512-z}\n",
    snapshots: "\n  '@acme/kit@1.0.0(react@18.2.0)':\n    dependencies:\n      only-its: 1.0.0\n      react: 18.2.0\n\n  only-its@1.0.0: {}\n",
  };
  const before = lock('18.2.0', kit);
  assert.equal(textOf(treeOf(before)), before);
  assert.equal(mergedLock(before, lock('18.2.0'), ['@acme/kit']).text, before);
  assert.deepEqual(mergedLock(before, lock('18.3.1'), ['@acme/kit']).conflict, ['react@18.2.0', '@acme/kit@1.0.0']);
  assert.equal(mergedLock(before, lock('18.3.1'), ['other']).text, lock('18.3.1'));
  assert.match(mergedLock(before.replace('9.0', '5.4'), lock('18.2.0'), ['@acme/kit']).problem, /version is 5/);
  assert.match(mergedLock(before, lock('18.2.0').replace('importers:\n\n', 'importers:\n'), ['@acme/kit']).problem, /not written as pnpm/);
  for (const hostile of ['', 'x', '- a\n- b\n', `${'  '.repeat(5000)}a:\n`, 'a: {}\n'.repeat(50_000)]) assert.ok(mergedLock(before, hostile, ['@acme/kit']).problem, hostile.slice(0, 20));
  const chain = Array.from({ length: 20_000 }, (_, i) => `\n  p${i}@1.0.0:\n    dependencies:\n      p${i + 1}: 1.0.0\n`).join('');
  const deep = lock('18.2.0', { ...kit, snapshots: kit.snapshots.replace('only-its: 1.0.0', 'p0: 1.0.0') + chain });
  assert.ok(mergedLock(deep, lock('18.2.0'), ['@acme/kit']).text.includes('p19999@1.0.0'));
});

test('what was set aside stands in Yarn\'s lockfile again as it did', async () => {
  const { mergedLock } = await import('../../resources/ecosystems/node/survey/aside-yarn.mjs');
  const classic = (more, ms) => `# yarn lockfile v1\n\n\n${more}${ms}:\n  version "2.1.1"\n  integrity sha512-m\n`;
  const kit = '"@acme/kit@^1.0.0":\n  version "1.0.0"\n  integrity sha512-y\n  dependencies:\n    ms "^2.0.0"\n  optionalDependencies:\n    only-its "1"\n\n';
  const its = '\nonly-its@1:\n  version "1.0.0"\n  integrity sha512-z\n';
  const before = classic(kit, 'ms@^2.0.0, ms@^2.1.0') + its;
  const asked = [['@acme/kit', '^1.0.0']];
  // the same version for another range of it: one entry for both
  assert.equal(mergedLock(before, classic('', 'ms@^2.1.0'), ['@acme/kit'], asked).text, before);
  // what the project itself has moved: its own old entry beside the new one
  const moved = classic('', 'ms@^2.1.3').replace('2.1.1"\n  integrity sha512-m', '2.1.3"\n  integrity sha512-n');
  const both = mergedLock(before, moved, ['@acme/kit'], asked).text;
  assert.match(both, /\nms@\^2\.0\.0:\n {2}version "2\.1\.1"\n {2}integrity sha512-m\n\nms@\^2\.1\.3:\n {2}version "2\.1\.3"\n/);
  assert.ok(both.includes(kit) && both.endsWith(its));
  assert.equal(mergedLock(before.replaceAll('\n', '\r\n'), moved.replaceAll('\n', '\r\n'), ['@acme/kit'], asked).text, both.replaceAll('\n', '\r\n'));
  assert.match(mergedLock(moved, moved, ['@acme/kit'], asked).problem, /no entry of @acme\/kit@\^1\.0\.0/);

  const berry = (dependencies, more = '') => `# top\n\n__metadata:\n  version: 8\n\n${more}"root@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "root@workspace:."\n${dependencies}  languageName: unknown\n  linkType: soft\n`;
  const patched = '"typescript@npm:^5.0.0":\n  version: 5.0.4\n  resolution: "typescript@npm:5.0.4"\n  linkType: hard\n\n"typescript@patch:typescript@npm%3A^5.0.0#optional!builtin<compat/typescript>":\n  version: 5.0.4\n  resolution: "typescript@patch:typescript@npm%3A5.0.4#optional!builtin<compat/typescript>::version=5.0.4&hash=b5f058"\n  linkType: hard\n';
  const entry = '"@acme/kit@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "@acme/kit@npm:1.0.0"\n  dependencies:\n    typescript: "npm:^5.0.0"\n  linkType: hard\n\n';
  const whole = `${berry('  dependencies:\n    "@acme/kit": "npm:^1.0.0"\n    ms: "npm:^2.0.0"\n  dependenciesMeta:\n    "@acme/kit":\n      optional: true\n', entry)}\n${patched}`;
  assert.equal(mergedLock(whole, berry('  dependencies:\n    ms: "npm:^2.0.0"\n'), ['@acme/kit'], asked).text, whole);
  const alone = `${berry('  dependencies:\n    "@acme/kit": "npm:^1.0.0"\n', entry)}\n${patched}`;
  assert.equal(mergedLock(alone, berry(''), ['@acme/kit'], asked).text, alone);
  assert.match(mergedLock(whole, moved, ['@acme/kit'], asked).problem, /another version/);
  // hostile ones end, and soon
  for (const hostile of ['', 'x', ':\n', '"a:\n', '"\\:\n  version "x\n', `${'  '.repeat(5000)}a:\n`, 'a@1:\n'.repeat(50_000), `"${'a@1, '.repeat(50_000)}b@1":\n  version: 1\n`])
    for (const [from, to] of [[hostile, moved], [before, hostile], [`__metadata:\n\n${hostile}`, whole]]) mergedLock(from, to, ['@acme/kit'], asked);
  const chain = Array.from({ length: 20_000 }, (_, i) => `\np${i}@1:\n  version "1"\n  dependencies:\n    p${i + 1} "1"\n`).join('');
  assert.ok(mergedLock(before.replace('only-its "1"', 'p0 "1"') + chain, moved, ['@acme/kit'], asked).text.includes('p19999@1'));
});

test('no second request where the first answer has times, and none without a candidate', async () => {
  fake.state.alwaysFull = true; fake.state.log.length = 0;
  await run({ 'package.json': root, 'package-lock.json': locks[3] });
  fake.state.alwaysFull = false;
  assert.equal(fake.state.log.filter((l) => l.includes('/ms')).length, 1);
  fake.state.log.length = 0;
  await run({ 'package.json': { dependencies: { debug: '4.2.0' } } });
  assert.equal(fake.state.log.filter((l) => l.includes('/debug')).length, 1);
});

test('npm-shrinkwrap.json comes before package-lock.json; no lockfile is assumed', async () => {
  const both = await run({ 'package.json': root, 'package-lock.json': lock3(root, { ms: '2.1.0', debug: '4.1.0' }), 'npm-shrinkwrap.json': locks[3] });
  assert.equal(both.project.lockfile.file, 'npm-shrinkwrap.json');
  assert.deepEqual(both.project.lockfile.others, ['package-lock.json']);
  assert.ok(both.warning('two-lockfiles'));
  const none = await run({ 'package.json': root });
  assert.equal(none.project.lockfile, null);
  assert.deepEqual(none.dep('ms').current, []);
  assert.equal(none.dep('ms').assumed, true);
  assert.equal(none.dep('ms').wanted, '2.1.3');
  assert.deepEqual(versions(none.dep('ms')), ['3.0.0']);
});

test('npm workspaces: places of all members, own members are not out of step', async () => {
  const a = { name: '@m/a', version: '1.0.0', dependencies: { ms: '2.1.0', '@m/b': '^1.0.0', a: '^9.0.0' } };
  const b = { name: '@m/b', version: '1.0.0', devDependencies: { ms: '^2.1.0' }, peerDependencies: { ms: '*', lodash: '^4' } };
  const top = { name: 'm', private: true, workspaces: { packages: ['packages/*', '!packages/no'] } };
  const got = await run({
    'package.json': top, 'packages/a/package.json': a, 'packages/b/package.json': b, 'packages/no/package.json': { name: 'no', dependencies: { debug: '^4.1.0' } },
    'packages/a/node_modules/x/package.json': { name: 'nope', dependencies: { debug: '1' } }, 'packages/b/test/fixtures/y/package.json': { name: 'fixture', dependencies: { debug: '1' } },
    'package-lock.json': lock3(top, { '@m/a': { resolved: 'packages/a', link: true }, '@m/b': { resolved: 'packages/b', link: true }, ms: '2.1.2', a: '9.0.0', '/packages/a/node_modules/ms': '2.1.0', '/packages/a': a, '/packages/b': b }),
  });
  assert.deepEqual(got.doc.projects.map((p) => p.path), ['', 'packages/no']);
  assert.deepEqual(got.project.members.map((m) => m.path), ['packages/a', 'packages/b']);
  assert.deepEqual(got.project.problems, []);
  const ms = got.dep('ms');
  assert.deepEqual(ms.current, ['2.1.0', '2.1.2']);
  assert.deepEqual(ms.places.map((p) => [p.file, p.section, p.range, p.moves, p.current]), [
    ['packages/a/package.json', 'dependencies', '2.1.0', true, '2.1.0'], ['packages/b/package.json', 'devDependencies', '^2.1.0', true, '2.1.2'], ['packages/b/package.json', 'peerDependencies', '*', false, null]]);
  assert.equal(ms.wanted, '2.1.0');
  assert.equal(got.dep('@m/b').kind, 'workspace');
  assert.equal(got.dep('lodash').reasonCode, 'peer');
});

const pnpmLock = (importers) => `lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n\ncatalogs:\n  default:\n    lodash:\n      specifier: ^4.0.0\n      version: 4.0.0\n\nimporters:\n\n${importers}\npackages:\n\n  ms@2.1.1:\n    resolution: {integrity: sha512-aa==}\n\n  lodash@4.0.0:\n    resolution: {integrity: sha512-aa==}\n    engines: {node: '>=0.10'}\n\n  lodash@3.10.1:\n    resolution: {integrity: sha512-aa==}\n    deprecated: |-\n      old\n      one\n\n  'debug@4.1.0':\n    resolution: {integrity: sha512-aa==}\n    peerDependencies:\n      supports-color: '*'\n\nsnapshots:\n\n  ms@2.1.1: {}\n\n  lodash@4.0.0: {}\n\n  lodash@3.10.1: {}\n\n  debug@4.1.0(supports-color@8.0.0):\n    dependencies:\n      ms: 2.1.1\n    transitivePeerDependencies:\n      - supports-color\n`;
for (const version of ['9.15.9', '10.34.9']) {
  test(`pnpm ${version}: workspace, catalogs, alias, pnpm.overrides`, async () => {
    const got = await run({
      'package.json': { name: 'p', private: true, packageManager: `pnpm@${version}+sha512.abc`, dependencies: { ms: '2.1.1' }, pnpm: { overrides: { ms: '2.1.1', 'debug>ms': '2.1.1' } } },
      'pnpm-workspace.yaml': 'packages:\n  - "packages/*"\n  - "!packages/no"\ncatalog:\n  lodash: ^4.0.0\ncatalogs:\n  old:\n    debug: 4.1.0 # kept\n',
      'packages/w/package.json': { name: 'w', version: '1.0.0', dependencies: { lodash: 'catalog:', old: 'npm:lodash@^3.0.0', debug: 'catalog:old', v: 'workspace:*' } },
      'packages/v/package.json': { name: 'v', version: '1.0.0' },
      'pnpm-lock.yaml': pnpmLock(`  .:\n    dependencies:\n      ms:\n        specifier: 2.1.1\n        version: 2.1.1\n\n  packages/v: {}\n\n  packages/w:\n    dependencies:\n      debug:\n        specifier: catalog:old\n        version: 4.1.0(supports-color@8.0.0)\n      lodash:\n        specifier: 'catalog:'\n        version: 4.0.0\n      old:\n        specifier: npm:lodash@^3.0.0\n        version: lodash@3.10.1\n      v:\n        specifier: workspace:*\n        version: link:../v\n`),
    });
    const { tool, ...manager } = got.project.manager;
    assert.deepEqual(manager, { name: 'pnpm', version, from: 'packageManager in package.json', covered: true, why: '' });
    assert.deepEqual([tool.package, tool.versions[0]], ['pnpm', version]);
    assert.deepEqual(got.project.problems, []);
    assert.equal(got.project.installedPackages, 4);
    const lodash = got.project.dependencies.find((d) => d.name === 'lodash' && d.alias === null);
    assert.deepEqual(lodash.places.map((p) => [p.file, p.path, p.range, p.moves]), [['packages/w/package.json', ['dependencies', 'lodash'], 'catalog:', false], ['pnpm-workspace.yaml', ['catalog', 'lodash'], '^4.0.0', true]]);
    assert.deepEqual([lodash.current, versions(lodash)], [['4.0.0'], ['4.17.21']]);
    assert.deepEqual(got.dep('debug').places[1].path, ['catalogs', 'old', 'debug']);
    assert.deepEqual(got.dep('debug').current, ['4.1.0']);
    const old = got.dep('old');
    assert.deepEqual([old.name, old.alias, old.current, old.reasonCode, old.places[0].prefix, old.places[0].range, old.places[0].moves], ['lodash', 'old', ['3.10.1'], 'alias', 'npm:lodash@', '^3.0.0', false]);
    assert.deepEqual(got.dep('ms').places.slice(1).map((p) => [p.path.join('/'), p.moves]), [['pnpm/overrides/ms', true], ['pnpm/overrides/debug>ms', false]]);
    assert.equal(got.dep('v').kind, 'workspace');
  });
}

test('pnpm 5.4 and 6.0 lockfiles, out of step, pnpmfile', async () => {
  const five = await run({ 'package.json': { dependencies: { ms: '^2.1.0' } }, 'pnpm-lock.yaml': 'lockfileVersion: 5.4\n\nspecifiers:\n  ms: ^2.1.0\n\ndependencies:\n  ms: 2.1.1_react@17.0.0\n\npackages:\n\n  /ms/2.1.1_react@17.0.0:\n    resolution: {integrity: sha512-a==}\n    dev: false\n' });
  assert.deepEqual([five.dep('ms').current, five.project.lockfile.version, five.project.problems], [['2.1.1'], '5.4', []]);
  const six = await run({ 'package.json': { dependencies: { ms: '^2.1.0', debug: '4.1.0' } }, '.pnpmfile.cjs': 'process.exit(9)', 'pnpm-lock.yaml': "lockfileVersion: '6.0'\n\npnpmfileChecksum: abc\n\ndependencies:\n  ms:\n    specifier: ^2.0.0\n    version: 2.1.1\n\npackages:\n\n  /ms@2.1.1:\n    resolution: {integrity: sha512-a==}\n" });
  assert.deepEqual(six.dep('ms').current, ['2.1.1']);
  assert.deepEqual(six.project.problems.map((p) => [p.code, p.package]), [['needs-code', undefined], ['lockfile-out-of-step', 'ms'], ['lockfile-out-of-step', 'debug']]);
  assert.equal(six.doc.warnings.filter((w) => w.code === 'repository-code').length, 2);
});

test('a pnpm lockfile of two documents: the last one is the project', async () => {
  const lock = pnpmLock("  .:\n    dependencies:\n      ms:\n        specifier: 2.1.1\n        version: 2.1.1\n");
  const got = await run({ 'package.json': { dependencies: { ms: '2.1.1' } }, 'pnpm-lock.yaml': `---\nlockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    configDependencies: {}\n\n---\n${lock}` });
  assert.deepEqual([got.dep('ms').current, got.project.problems], [['2.1.1'], []]);
});

test('Yarn classic with workspaces and resolutions', async () => {
  const got = await run({
    'package.json': { name: 'y', private: true, workspaces: ['packages/*'], dependencies: { '@acme/kit': '^1.0.0', ms: '^2.1.0' }, resolutions: { '**/ms': '2.1.1', 'debug/ms': '2.1.2' } },
    'packages/q/package.json': { name: 'q', version: '1.0.0', dependencies: { debug: '~4.1.0', al: 'npm:lodash@^3.0.0' } },
    '.yarnrc': 'yarn-path "./evil.js"\n',
    'yarn.lock': '# yarn lockfile v1\n\n\n"@acme/kit@^1.0.0":\n  version "1.0.0"\n  resolved "https://r.invalid/@acme/kit/-/kit-1.0.0.tgz#abc"\n  integrity sha512-a==\n\n"al@npm:lodash@^3.0.0":\n  version "3.10.1"\n\ndebug@~4.1.0:\n  version "4.1.0"\n  dependencies:\n    ms "^2.1.1"\n\nms@2.1.1, ms@^2.1.0, ms@^2.1.1:\n  version "2.1.1"\n',
  });
  assert.equal(got.project.manager.name, 'yarn-classic');
  assert.deepEqual(got.project.problems, []);
  assert.deepEqual(got.dep('debug').current, ['4.1.0']);
  assert.deepEqual(got.dep('@acme/kit').current, ['1.0.0']);
  assert.deepEqual(got.dep('@acme/kit').hosts, ['r.invalid']);
  assert.deepEqual(got.dep('al').current, ['3.10.1']);
  assert.deepEqual(got.dep('ms').places.map((p) => [p.section, p.range, p.moves]), [['dependencies', '^2.1.0', true], ['resolutions', '2.1.1', true], ['resolutions', '2.1.2', false]]);
  assert.ok(got.warning('repository-code'));
});

test('Yarn 4 with workspaces and catalogs', async () => {
  const got = await run({
    'package.json': { name: 'y4', private: true, packageManager: 'yarn@4.12.0', workspaces: ['p/*'], dependencies: { ms: 'npm:^2.1.0' } },
    'p/q/package.json': { name: 'q', version: '1.0.0', dependencies: { lodash: 'catalog:', y4: 'workspace:^' } },
    '.yarnrc.yml': 'nodeLinker: pnp\n\ncatalog:\n  lodash: ^4.0.0\n\nyarnPath: .yarn/releases/yarn.cjs\n\nplugins:\n  - path: .yarn/plugins/x.cjs\n    spec: "x"\n',
    'yarn.lock': '# This file is generated by running "yarn install" inside your project.\n\n__metadata:\n  version: 8\n  cacheKey: 10c0\n\n"lodash@npm:^4.0.0":\n  version: 4.0.0\n  resolution: "lodash@npm:4.0.0"\n  languageName: node\n  linkType: hard\n\n"ms@npm:^2.1.0":\n  version: 2.1.1\n  resolution: "ms@npm:2.1.1"\n  checksum: 10c0/aa\n  languageName: node\n  linkType: hard\n\n"q@workspace:p/q":\n  version: 0.0.0-use.local\n  resolution: "q@workspace:p/q"\n  dependencies:\n    lodash: "npm:^4.0.0"\n  languageName: unknown\n  linkType: soft\n\n"y4@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "y4@workspace:."\n  dependencies:\n    ms: "npm:^2.1.0"\n  languageName: unknown\n  linkType: soft\n',
  });
  assert.equal(got.project.manager.name, 'yarn-berry');
  assert.equal(got.project.lockfile.version, '8');
  assert.equal(got.project.installedPackages, 2);
  assert.deepEqual(got.project.problems, []);
  assert.deepEqual([got.dep('ms').current, got.dep('ms').places[0].prefix, got.dep('ms').places[0].range], [['2.1.1'], 'npm:', '^2.1.0']);
  assert.deepEqual([got.dep('lodash').current, got.dep('lodash').places[1].file], [['4.0.0'], '.yarnrc.yml']);
  assert.equal(got.doc.warnings.filter((w) => w.code === 'repository-code').length, 2);
});

test('members at different lines of one package are told apart, with a lockfile and without', async () => {
  const root = { name: 'r', workspaces: ['a', 'b', 'c'], dependencies: { react: '^18.0.0' } };
  const members = { 'a/package.json': { name: 'a', dependencies: { react: '^17.0.0' }, peerDependencies: { react: '>=16' } }, 'b/package.json': { name: 'b', devDependencies: { react: '17.0.0' } }, 'c/package.json': { name: 'c', dependencies: { zero: '^0.1.0' }, devDependencies: { react: '18.0.0' } } };
  const lock = lock3(root, { react: '18.0.0', zero: '0.1.0', 'a/node_modules/react': '17.0.0', 'b/node_modules/react': '17.0.0' });
  for (const [place, manifest] of Object.entries(members)) {
    lock.packages[path.dirname(place)] = manifest;
    lock.packages[`node_modules/${manifest.name}`] = { resolved: path.dirname(place), link: true };
  }
  for (const one of ['a', 'b']) { lock.packages[`${one}/node_modules/react`] = { version: '17.0.0' }; delete lock.packages[`node_modules/${one}/node_modules/react`]; }
  const lines = (got) => got.project.dependencies.filter((one) => one.name === 'react').map((one) => [one.current[0] ?? one.wanted, one.section, one.places.filter((place) => place.moves).map((place) => place.file).join(' '), one.versions.at(-1)?.level]);
  const wanted = [['17.0.0', 'dependencies', 'a/package.json b/package.json', 'major'], ['18.0.0', 'dependencies', 'package.json c/package.json', 'major']];
  const locked = await run({ 'package.json': root, ...members, 'package-lock.json': lock });
  assert.deepEqual(lines(locked), wanted);
  const free = await run({ 'package.json': root, ...members });
  assert.deepEqual(lines(free), wanted);
  assert.ok(!free.project.dependencies.some((one) => one.reasonCode === 'no-match'));
  // ranges that some version fits are one entry, as before
  const one = await run({ 'package.json': { ...root, dependencies: { react: '>=17' } }, 'a/package.json': members['a/package.json'] });
  assert.deepEqual(lines(one), [['17.0.0', 'dependencies', 'package.json a/package.json', 'major']]);
  // two sections of one manifest that no version fits
  const both = await run({ 'package.json': { dependencies: { react: '^17.0.0' }, devDependencies: { react: '^18.0.0' } } });
  assert.deepEqual(lines(both).map((line) => line[0]), ['17.0.0', '18.0.0']);
});

test('folders that are left out by their names are named; types move within the major that is there', async () => {
  const got = await run({ 'package.json': { engines: { node: '>=20' }, devDependencies: { '@types/node': '^26.0.0', ms: '2.1.1' } }, 'examples/demo/package.json': { dependencies: { ms: '2.1.1' } }, 'bench/package.json': { dependencies: { ms: '2.1.1' } }, 'fixtures/x/package.json': {} });
  assert.match(got.warning('folders-aside').text, /names say[^:]*: bench, examples\/demo\. Name/);
  const types = await run({ 'package.json': { devDependencies: { '@types/node': '20.0.0' } }, '.nvmrc': '18' });
  assert.deepEqual(types.dep('@types/node').versions.map((one) => [one.version, one.fits]), [['20.5.0', true], ['22.0.0', false], ['26.0.0', false]]);
});

test('types stay with what they describe where that cannot move', async () => {
  const peers = { 'package.json': { peerDependencies: { react: '^16.8.0 || ^17.0.0' }, devDependencies: { react: '16.14.0', '@types/react': '16.0.0' } } };
  const stays = await run(peers);
  assert.deepEqual(stays.dep('@types/react').versions.map((one) => [one.version, one.fits, one.unfit]), [['17.0.0', true, undefined], ['18.0.0', false, 'it describes react 18, and the project stays at 17'], ['19.0.0', false, 'it describes react 19, and the project stays at 17']]);
  const moves = await run({ 'package.json': { devDependencies: { react: '16.14.0', '@types/react': '16.0.0' } } });
  assert.deepEqual(moves.dep('@types/react').versions.map((one) => one.fits), [true, true, true]);
  const alone = await run({ 'package.json': { devDependencies: { '@types/react': '16.0.0' } } });
  assert.deepEqual(alone.dep('@types/react').versions.map((one) => one.fits), [true, true, true]);
});

test('one name in two sections, overrides literal and by reference', async () => {
  const manifest = { name: 'o', dependencies: { ms: '2.1.1', debug: '4.1.0' }, devDependencies: { ms: '2.1.1' }, overrides: { ms: '$ms', debug: { '.': '4.1.0', ms: '2.1.1' }, 'debug@4': '4.1.0', 'ms@1': '1.0.0' } };
  const got = await run({ 'package.json': manifest, 'package-lock.json': lock3(manifest, { ms: '2.1.1', debug: '4.1.0' }) });
  assert.ok(got.problem('two-sections'));
  assert.deepEqual(got.dep('ms').places.map((p) => [p.path.join('/'), p.moves]), [['dependencies/ms', true], ['devDependencies/ms', true], ['overrides/ms', false], ['overrides/ms@1', false], ['overrides/debug/ms', false]]);
  assert.deepEqual(got.dep('debug').places.map((p) => [p.path.join('/'), p.moves]), [['dependencies/debug', true], ['overrides/debug@4', true], ['overrides/debug/.', true]]);
  assert.equal(got.dep('ms').section, 'dependencies');
});

test('what does not come from the registry stays, with a reason, and nothing else stops', async () => {
  const got = await run({ 'package.json': { dependencies: {
    g: 'git+https://user:secret@git.invalid/a/b.git#v1', h: 'acme/tool', t: 'https://x.invalid/a.tgz', f: 'file:../f', l: 'link:../l', w: 'workspace:*', n: 'latest', 'bad name': '1', z: 'not a range!!', al: 'npm:lodash@^3.0.0', ms: '2.1.1', gone: '^1.0.0', num: 3, nx: 'next', nomatch: '^1', lodash: '^99.0.0', constructor: '^1.0.0', '__proto__x': '1' } } });
  const codes = Object.fromEntries(got.project.dependencies.map((d) => [d.alias ?? d.name, `${d.kind}:${d.reasonCode}`]));
  assert.deepEqual(codes, { g: 'git:git', h: 'git:git', t: 'tarball:tarball', f: 'file:file', l: 'link:link', w: 'workspace:workspace', n: 'registry:not-found', 'bad name': 'unknown:invalid', z: 'unknown:invalid', al: 'registry:alias', ms: 'registry:', gone: 'registry:not-found', num: 'unknown:invalid', nx: 'registry:not-found', nomatch: 'registry:not-found', lodash: 'registry:no-match', constructor: 'registry:not-found', '__proto__x': 'registry:not-found' });
  assert.ok(!JSON.stringify(got.doc).includes('secret'));
  for (const d of got.project.dependencies) assert.equal(d.reason === '', d.reasonCode === '');
});

test('what an installed package asks of others is told, so that a blocker can be named', async () => {
  const manifest = { dependencies: { ms: '3.0.0' } };
  const got = await run({ 'package.json': manifest, 'package-lock.json': lock3(manifest, { ms: '3.0.0' }) });
  assert.deepEqual([{ ...got.dep('ms').currentPeers }, got.dep('ms').versions], [{ react: '^18' }, []]);
});

test('a tag as range is told and still judged', async () => {
  const manifest = { dependencies: { ms: 'latest' } };
  const got = await run({ 'package.json': manifest, 'package-lock.json': lock3(manifest, { ms: '2.1.1' }) });
  assert.deepEqual([got.dep('ms').reasonCode, got.dep('ms').wanted, got.dep('ms').places[0].moves], ['tag', '3.0.0', false]);
  assert.deepEqual(got.dep('ms').versions.filter((v) => v.inRange).map((v) => v.version), ['3.0.0']);
});

test('prereleases, 0.x levels, gone versions, engines', async () => {
  const manifest = { private: true, engines: { node: '>=16' }, dependencies: { pre: '^2.0.0-alpha.1', ahead: '^6.0.0-alpha.1', zero: '0.0.1', debug: '^4.1.0', ms: '2.1.1' } };
  const got = await run({ 'package.json': manifest, '.node-version': 'v18.20.1\n', '.nvmrc': '\n# c\nlts/hydrogen\n', '.tool-versions': 'ruby 3\nnodejs 20.1.0\n', 'package-lock.json': lock3(manifest, { pre: '2.0.0-alpha.1', ahead: '6.0.0-alpha.1', zero: '0.0.1', debug: '4.9.9', ms: '2.1.1' }) });
  assert.deepEqual(versions(got.dep('pre')), ['2.0.0-alpha.2', '2.0.0', '2.1.0']);
  assert.deepEqual([versions(got.dep('ahead')), got.dep('ahead').reasonCode], [[], 'prerelease']);
  assert.deepEqual(got.dep('zero').versions.map((v) => [v.version, v.level, v.breaking]), [['0.0.2', 'patch', true], ['0.1.0', 'minor', true], ['0.2.0', 'minor', true], ['1.0.0', 'major', true]]);
  assert.deepEqual([got.dep('debug').currentGone, got.dep('debug').wanted, got.dep('debug').versions.map((v) => [v.version, v.lower])], [true, '4.2.0', [['4.2.0', true]]]);
  assert.deepEqual(got.project.runtimes.map((r) => [r.node, r.from]), [['lts/hydrogen', '.nvmrc'], ['v18.20.1', '.node-version'], ['20.1.0', '.tool-versions'], ['>=16', 'engines.node in package.json']]);
  assert.match(got.project.judgedWith.node, /^18\./);
  assert.equal(got.project.judgedWith.from, '.nvmrc');
  assert.deepEqual(got.dep('ms').versions.map((v) => v.fits), [true, true, false]);
  const given = await run({ 'package.json': manifest }, '--node', '22.1.0');
  assert.equal(given.dep('ms').versions.every((v) => v.fits), true);
});

test('what a package promises to its users holds: engines, its own peers, and types follow Node', async () => {
  const fits = (got, name) => Object.fromEntries(got.dep(name).versions.map((v) => [v.version, v.unfit ?? v.fits]));
  const promise = { engines: { node: '>=18' }, dependencies: { ms: '2.1.1' } };
  const kept = await run({ 'package.json': promise }, '--node', '22.1.0');
  assert.deepEqual(fits(kept, 'ms'), { '2.1.2': true, '2.1.3': true, '3.0.0': 'it needs Node >=22, and engines in package.json promises >=18' });
  // an application promises nothing, what is only for development neither, and what was broken before is not this update's doing
  for (const manifest of [{ ...promise, private: true }, { engines: promise.engines, devDependencies: { ms: '2.1.1' } }, { ...promise, engines: { node: '>=22' } }, { ...promise, engines: { node: '*' } }]) {
    assert.equal(fits(await run({ 'package.json': manifest }, '--node', '22.1.0'), 'ms')['3.0.0'], true, JSON.stringify(manifest));
  }
  // a member that is published promises for itself, also below a private root; the oldest Node of all that name the package counts
  const apart = { 'package.json': { private: true, workspaces: ['a', 'b'] }, 'b/package.json': { name: 'b', private: true, dependencies: { ms: '2.1.1' } } };
  const member = await run({ ...apart, 'a/package.json': { name: 'a', ...promise } }, '--node', '22.1.0');
  assert.equal(fits(member, 'ms')['3.0.0'], 'it needs Node >=22, and engines in a/package.json promises >=18');
  assert.equal(fits(await run({ ...apart, 'a/package.json': { name: 'a', private: true, ...promise } }, '--node', '22.1.0'), 'ms')['3.0.0'], true);
  const broken = await run({ 'package.json': { engines: { node: '>=10' }, dependencies: { ms: '2.1.3' } } }, '--node', '22.1.0');
  assert.equal(fits(broken, 'ms')['3.0.0'], true);
  const peers = { peerDependencies: { react: '>=16.8 <19' }, devDependencies: { react: '^17.0.0' } };
  assert.deepEqual(fits(await run({ 'package.json': peers }), 'react'), { '18.0.0': true, '19.0.0': 'the package itself asks for it as a peer in the range >=16.8 <19' });
  const types = { devDependencies: { '@types/node': '^18.0.0' } };
  assert.deepEqual(fits(await run({ 'package.json': types, '.nvmrc': '20\n' }), '@types/node'), { '20.0.0': true, '20.5.0': true, '22.0.0': 'it describes Node 22, and the project uses 20', '26.0.0': 'it describes Node 26, and the project uses 20' });
  assert.equal(fits(await run({ 'package.json': types }), '@types/node')['26.0.0'], true);
});

test('a lockfile that fetches something else than it says is not believed', async () => {
  const manifest = { dependencies: { ms: '^2.1.0' } };
  const codes = async (entry) => (await run({ 'package.json': manifest, 'package-lock.json': lock3(manifest, { ms: entry }) })).project.problems.map((p) => p.code);
  for (const resolved of ['https://h.invalid/ms/-/ms-2.1.1.tgz', 'https://h.invalid/down/ms/2.1.1/abc', undefined]) assert.deepEqual(await codes({ version: '2.1.1', resolved }), [], resolved);
  for (const entry of [{ version: '2.1.1', resolved: 'https://h.invalid/ms/-/ms-2.1.0.tgz' }, { version: '2.1.1', resolved: 'https://h.invalid/debug/-/debug-2.1.1.tgz' }, { version: '2.1.1', name: 'debug' }]) {
    assert.deepEqual(await codes(entry), ['invalid-lockfile'], JSON.stringify(entry));
  }
});

test('a project that cannot be made sense of hides no other', async () => {
  const deep = `{"dependencies": {"ms": ${'['.repeat(5000)}${']'.repeat(5000)}}}`;
  for (const bad of ['{"dependencies": {"ms": {"toString": 1, "valueOf": 1}}}', deep, '{"engines": {"pnpm": ">=08"}}', '{"packageManager": "pnpm@>=01.2.3"}']) {
    const got = await run({ 'a/package.json': bad, 'a/package-lock.json': '{"lockfileVersion": 3, "packages": {}}', 'a/pnpm-lock.yaml': "lockfileVersion: '9.0'\n", 'b/package.json': { dependencies: { ms: '2.1.1' } } }, '--projects', 'a,b');
    assert.deepEqual(got.doc.projects.map((p) => p.path), ['a', 'b'], bad.slice(0, 60));
    assert.deepEqual(versions(got.doc.projects[1].dependencies[0]), ['2.1.2', '2.1.3', '3.0.0']);
  }
});

test('registries of the repository: named, never asked, never replaced; credentials stay away', async () => {
  fake.state.log.length = 0;
  const manifest = { dependencies: { ms: '2.1.1', '@acme/kit': '^1.0.0' }, publishConfig: { registry: 'https://pub.invalid/' } };
  const files = { 'package.json': manifest, '.npmrc': '@acme:registry=https://me:pw123@npm.acme.invalid/\n//npm.acme.invalid/:_authToken=npm_tok999\nscript-shell=./x\nglobal=true\npackage-lock=false\nengine-strict=true\n', 'package-lock.json': lock3(manifest, { ms: '2.1.1', '@acme/kit': { version: '1.0.0', resolved: 'https://npm.acme.invalid/@acme/kit/-/kit-1.0.0.tgz' } }) };
  const got = await run(files);
  assert.deepEqual([got.dep('@acme/kit').reasonCode, got.dep('@acme/kit').registry, got.dep('ms').reasonCode], ['private-registry', 'npm.acme.invalid', '']);
  assert.deepEqual({ ...got.project.registries.scopes }, { '@acme': 'https://npm.acme.invalid/' });
  assert.equal(got.project.registries.wantsCredential, true);
  assert.equal(got.project.registries.publish, 'https://pub.invalid/');
  assert.ok(!/pw123|npm_tok999/.test(JSON.stringify(got.doc)));
  assert.ok(got.warning('package-lock-off') && got.warning('credential-in-file'));
  assert.equal(got.doc.warnings.filter((w) => w.code === 'ignored-setting').length, 2);
  assert.ok(!fake.state.log.some((l) => l.includes('acme')));
  assert.deepEqual(Object.keys(fake.state.asked), ['ms']);
  const allowed = await run({ ...files, '.npmrc': `@acme:registry=${fake.url}private/\n` }, '--allow-registry', `${fake.url}private/`);
  assert.equal(allowed.dep('@acme/kit').reasonCode, 'not-found');
  assert.ok(fake.state.log.some((l) => l.includes('/private/@acme%2fkit')));
  const scoped = await run({ 'package.json': manifest, '.npmrc': '//npm.acme.invalid/:_authToken=${NPM_TOKEN}\n' }, '--allow-registry', `${fake.url}private/`, '--scope', `@acme=${fake.url}private/`);
  assert.deepEqual(scoped.project.registries.environment, ['NPM_TOKEN']);
  assert.equal(scoped.dep('@acme/kit').reasonCode, 'not-found'); // asked there, and it has none
  const company = await run({ ...files, '.npmrc': 'registry=https://npm.corp.invalid\n' });
  assert.equal(company.dep('ms').reasonCode, 'private-registry');
  assert.equal(company.project.advisories.state, 'not-checked');
  const strict = await run({ ...files, '.npmrc': '' }, '--equivalent', 'https://same.invalid/');
  assert.equal(strict.dep('@acme/kit').reasonCode, 'private-registry');
});

test('answers that go wrong end as a reason, and a second try helps', async () => {
  const names = ['hangs', 'garbage', 'other-name', 'oversize', 'cut', 'flaky', 'elsewhere', 'secret', 'ms'];
  const got = await run({ 'package.json': { dependencies: Object.fromEntries(names.map((n) => [n, '^1.0.0'])) } }, '--seconds', '6');
  const codes = Object.fromEntries(got.project.dependencies.map((d) => [d.name, d.reasonCode]));
  assert.deepEqual(codes, { hangs: 'registry-error', garbage: 'registry-error', 'other-name': 'registry-error', oversize: 'too-large', cut: 'registry-error', flaky: '', elsewhere: 'registry-error', secret: 'forbidden', ms: 'no-match' });
  assert.ok(got.ms < 12000, `${got.ms}`);
});

test('advisories: checked only after a good answer; direct, transitive, what brings it', async () => {
  const manifest = { dependencies: { debug: '^4.1.0', lodash: '^4.0.0' } };
  const files = { 'package.json': manifest, 'package-lock.json': lock3(manifest, { debug: { version: '4.1.0', dependencies: { ms: '^2.0.0' } }, lodash: '4.0.0', ms: '2.1.1' }) };
  fake.state.advisories = { ms: [{ id: 1, url: 'https://github.com/advisories/x', title: 'Slow\u0007', severity: 'high', vulnerable_versions: '<2.1.2' }], lodash: [{ id: 2, url: 'javascript:x', title: 'Bad', severity: 'critical', vulnerable_versions: '<4.17.0' }, { id: 3, title: 'Not ours', severity: 'low', vulnerable_versions: '<3' }] };
  const got = await run(files);
  assert.equal(got.project.advisories.state, 'checked');
  assert.deepEqual(got.project.advisories.list, [
    { package: 'lodash', versions: ['4.0.0'], direct: true, severity: 'critical', title: 'Bad', url: '', range: '<4.17.0', via: ['lodash'] },
    { package: 'ms', versions: ['2.1.1'], direct: false, severity: 'high', title: 'Slow', url: 'https://github.com/advisories/x', range: '<2.1.2', via: ['debug'], fix: 'The lockfile alone can move it to 2.1.3: all that ask for it allow that.' }]);
  for (const bad of ['garbage', '[]', '{"ms":5}', '{"evil":[]}', '{"ms":[{"vulnerable_versions":"??"}]}', '{"error":"x"}', 500]) {
    fake.state.advisories = bad;
    assert.equal((await run(files)).project.advisories.state, 'not-checked', String(bad));
  }
  fake.state.advisories = {};
  assert.deepEqual((await run(files)).project.advisories, { state: 'checked', note: '', list: [] });
  assert.equal((await run(files, '--no-advisories')).project.advisories.state, 'not-checked');
  assert.equal((await run({ 'package.json': manifest })).project.advisories.state, 'not-checked');
  fake.state.advisories = 405;
});

test('an advisory about an indirect dependency is mended in the lockfile alone where every range allows it', async () => {
  const vulnerable = { ms: [{ title: 'Slow', severity: 'high', vulnerable_versions: '<2.1.2' }] };
  const manifest = { dependencies: { debug: '^4.1.0', a: '9.0.0' } };
  const npm = (asked, more = {}) => ({ 'package.json': { ...manifest, ...more.manifest }, 'package-lock.json': lock3({ ...manifest, ...more.manifest }, { debug: { version: '4.1.0', dependencies: { ms: asked } }, a: { version: '9.0.0', ...more.a }, ms: { version: '2.1.1', ...more.ms } }) });
  const look = async (files, advisories = vulnerable) => {
    fake.state.advisories = advisories;
    const got = await run(files);
    const moves = got.project.dependencies.filter((one) => one.kind === 'indirect').map((one) => [one.name, one.current.join(), one.versions.map((v) => v.version).join(), one.latest, one.places.length]);
    return [moves, got.project.advisories.list[0]?.fix ?? got.project.advisories.note];
  };
  assert.deepEqual(await look(npm('^2.0.0')), [[['ms', '2.1.1', '2.1.3', '2.1.3', 0]], 'The lockfile alone can move it to 2.1.3: all that ask for it allow that.']);
  for (const [files, said] of [
    [npm('~2.1.0 <2.1.2'), /No version without it is in the range ~2\.1\.0 <2\.1\.2 that debug 4\.1\.0 asks for/],
    [npm('^2.0.0', { a: { dependencies: { ms: '2.1.1' } } }), /range 2\.1\.1 that a 9\.0\.0 asks for/],
    [npm('^2.0.0', { manifest: { overrides: { ms: '2.1.1' } } }), /An override of the project says/],
    [npm('^2.0.0', { ms: { inBundle: true } }), /comes inside of another package/],
    [npm('github:x/ms'), /It is not known in which range debug 4\.1\.0 asks for ms/],
  ]) {
    const [moves, fix] = await look(files);
    assert.deepEqual(moves, []);
    assert.match(fix, said);
  }
  // every version that the range brings has it
  assert.deepEqual((await look(npm('^2.0.0'), { ms: [{ title: 'x', severity: 'low', vulnerable_versions: '<3' }] }))[0], []);
  // pnpm keeps no ranges: they are asked for
  const pnpm = (more) => ({ 'package.json': { packageManager: 'pnpm@9.15.9', dependencies: { debug: '4.1.0' } }, 'pnpm-lock.yaml': `lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      debug:\n        specifier: 4.1.0\n        version: 4.1.0\n\npackages:\n\n  debug@4.1.0:\n    resolution: {integrity: sha512-a==}\n\n  ms@2.1.1:\n    resolution: {integrity: sha512-a==}\n\nsnapshots:\n\n  debug@4.1.0:\n    dependencies:\n      ms: ${more}\n\n  ms@2.1.1: {}\n` });
  assert.match((await look(pnpm('2.1.1')))[1], /It is not known in which range debug 4\.1\.0 asks for ms/);
  fake.packages.debug.versions['4.1.0'].dependencies = { ms: '^2.0.0' };
  assert.deepEqual((await look(pnpm('2.1.1')))[0], [['ms', '2.1.1', '2.1.3', '2.1.3', 0]]);
  delete fake.packages.debug.versions['4.1.0'].dependencies;
  const yarn = { 'package.json': { dependencies: { debug: '^4.1.0' } }, 'yarn.lock': `${classicHead}debug@^4.1.0:\n  version "4.1.0"\n  dependencies:\n    ms "^2.0.0"\n\nms@^2.0.0:\n  version "2.1.1"\n` };
  assert.deepEqual((await look(yarn))[0], [['ms', '2.1.1', '2.1.3', '2.1.3', 0]]);
  const berry = { 'package.json': { dependencies: { debug: '^4.1.0' } }, 'yarn.lock': '__metadata:\n  version: 8\n\n"debug@npm:^4.1.0":\n  version: 4.1.0\n  resolution: "debug@npm:4.1.0"\n  dependencies:\n    ms: "npm:^2.0.0"\n\n"ms@npm:^2.0.0":\n  version: 2.1.1\n  resolution: "ms@npm:2.1.1"\n' };
  assert.deepEqual((await look(berry))[0], [['ms', '2.1.1', '2.1.3', '2.1.3', 0]]);
  fake.state.advisories = 405;
});

test('files that cannot be read end as a problem that names file and line', async () => {
  const cases = [
    ['nul-bytes', { 'package.json': Buffer.from('{"name":"x"}', 'utf16le') }, /UTF-16/],
    ['invalid-json', { 'package.json': '{\n  "name": "x",\n  "dependencies": { "ms": "2.1.1", }\n}\n'.padEnd(200) }, /line 3/],
    ['merge-conflict', { 'package.json': '{\n<<<<<<< HEAD\n"a":1\n=======\n"a":2\n>>>>>>> x\n}' }, /line 2/],
    ['merge-conflict', { 'package.json': root, 'package-lock.json': '{\n<<<<<<< HEAD\n=======\n>>>>>>> x\n}' }, /package-lock\.json/],
    ['merge-conflict', { 'package.json': root, 'yarn.lock': '# yarn lockfile v1\n<<<<<<< HEAD\n=======\n>>>>>>> x\n' }, /yarn\.lock/],
    ['invalid-lockfile', { 'package.json': root, 'yarn.lock': '# yarn lockfile v1\nms@1\n' }, /line 2/],
    ['invalid-yaml', { 'package.json': root, 'pnpm-lock.yaml': 'lockfileVersion: "9.0"\n a: [\n' }, /pnpm-lock/],
    ['invalid-manifest', { 'package.json': '[]' }, /not an object/],
    ['invalid-section', { 'package.json': { dependencies: ['ms'] } }, /dependencies/],
  ];
  for (const [code, files, text] of cases) {
    const got = await run(files);
    assert.match(got.problem(code)?.text ?? JSON.stringify(got.project.problems), text);
  }
  const bom = await run({ 'package.json': '\ufeff' + JSON.stringify(root, null, 2).replace(/\n/g, '\r\n'), 'package-lock.json': '\ufeff' + JSON.stringify(locks[3]), '.nvmrc': '\ufeff20\r\n' });
  assert.deepEqual([bom.project.problems, bom.dep('ms').current, bom.project.runtime.node], [[], ['2.1.1'], '20']);
});

test('links that lead out are not read, special files do not block', async () => {
  const out = lay({ 'package.json': { name: 'secret-name', dependencies: { ms: '1' } }, 'package-lock.json': '{}' });
  const folder = lay({ 'web/package.json': root });
  fs.symlinkSync(path.join(out, 'package.json'), path.join(folder, 'package.json'));
  fs.symlinkSync(out, path.join(folder, 'linked'));
  const got = await run(folder);
  assert.ok(!JSON.stringify(got.doc).includes('secret-name'));
  assert.ok(got.problem('outside', got.doc.projects[0]));
  assert.deepEqual(got.doc.projects.map((p) => p.path), ['', 'web']);
});

test('folders that lie too deep are told for that reason, and a registry over http for that', async () => {
  const deep = await run({ 'package.json': {}, 'a/b/c/d/e/package.json': root, 'a/b/c/d/e/package-lock.json': locks[3] });
  assert.match(deep.warning('folders-aside').text, /deeper than 4 folders: a\/b\/c\/d\/e\./);
  const manifest = { dependencies: { ms: '^2.0.0' } };
  const asked = await survey({ 'package.json': manifest, '.npmrc': 'registry=http://reg.invalid/\n' }, 'https://reg.invalid/', ['--offline']);
  assert.match(asked.dep('ms').reason, /over http, without encryption/);
});

test('a package in two sections is out of step only where no section agrees with the lockfile', async () => {
  const manifest = { dependencies: { ms: '^2.0.0' }, devDependencies: { ms: '~1.0.0', debug: '4.0.0' } };
  const agrees = await run({ 'package.json': manifest, 'package-lock.json': lock3(manifest, { ms: '1.0.0', debug: '4.0.0' }) });
  assert.ok(agrees.problem('two-sections') && !agrees.problem('lockfile-out-of-step'), JSON.stringify(agrees.project.problems));
  const none = await run({ 'package.json': manifest, 'package-lock.json': lock3(manifest, { ms: '0.7.0', debug: '4.0.0' }) });
  assert.ok(none.problem('lockfile-out-of-step'));
});

test('what names no Node is told, and the next that names one is followed', async () => {
  const manifest = { engines: { node: '>=12 <=14' } };
  for (const word of ['lts/*', 'node', 'stable']) {
    const got = await run({ 'package.json': manifest, '.nvmrc': `${word}\n` });
    assert.deepEqual([got.project.runtime.from, got.project.judgedWith.node], ['engines.node in package.json', '14.x'], word);
    assert.ok(got.warning('runtime-unclear'), word);
  }
  const alone = await run({ 'package.json': {}, '.nvmrc': 'lts/*\n' });
  assert.equal(alone.project.runtime, null);
  assert.ok(alone.warning('runtime-unclear'));
});

test('another npm only where package.json asks for one, members say whom they need, a pnpm project below a workspace stands alone', async () => {
  const npmVersion = JSON.parse(fs.readFileSync(path.join(process.env.SURVEY_NPM, 'package.json'), 'utf8')).version;
  const npm = async (manifest) => (await run({ 'package.json': manifest })).project.manager.tool;
  assert.equal(await npm({ packageManager: `npm@${npmVersion}` }), null);
  assert.deepEqual(await npm({ packageManager: 'npm@10.9.0+sha512.00' }), { package: 'npm', versions: ['10.9.0', '10'] });
  assert.deepEqual(await npm({ devEngines: { packageManager: { name: 'npm', version: '^10.0.0' } } }), { package: 'npm', versions: ['^10.0.0', '10'] });
  assert.equal(await npm({ packageManager: 'npm@6.14.18' }), null);
  const members = await run({ 'package.json': { workspaces: ['p/*'] }, 'p/a/package.json': { name: 'a', dependencies: { b: '*', ms: '1' } }, 'p/b/package.json': { name: 'b' } });
  assert.deepEqual(members.project.members.map((one) => one.needs), [['b'], []]);
  const pnpm = await run({ 'package.json': {}, 'pnpm-workspace.yaml': 'packages: [apps/*]\n', 'pnpm-lock.yaml': "lockfileVersion: '9.0'\nimporters:\n\n  .: {}\n", 'x/package.json': root, 'x/pnpm-lock.yaml': "lockfileVersion: '9.0'\nimporters:\n\n  .: {}\n" });
  assert.deepEqual(pnpm.doc.projects.map((one) => [one.path, one.alone]), [['', false], ['x', true]]);
});

test('settings of pnpm that lead out of the project end it', async () => {
  const files = (more) => ({ 'package.json': root, 'pnpm-lock.yaml': "lockfileVersion: '9.0'\nimporters:\n\n  .: {}\n", ...more });
  for (const more of [{ '.npmrc': 'modules-dir=../node_modules\n' }, { '.npmrc': 'virtual_store_dir=/work/toolchain\n' }, { '.npmrc': 'lockfile-dir=~/x\n' }, { '.npmrc': 'modules-dir=.git\n' }, { '.npmrc': 'modules-dir=${HOME}\n' }, { 'pnpm-workspace.yaml': 'modulesDir: ../x\n' }, { 'pnpm-workspace.yaml': 'virtualStoreDir: [a]\n' }]) {
    assert.ok((await run(files(more))).problem('outside-setting'), JSON.stringify(more));
  }
  for (const more of [{}, { '.npmrc': 'modules-dir=lib/modules\n' }, { 'pnpm-workspace.yaml': 'virtualStoreDir: node_modules/.store\n' }]) {
    assert.ok(!(await run(files(more))).problem('outside-setting'), JSON.stringify(more));
  }
});

test('a tool that needs more than the package promises is told, and fits', async () => {
  const got = async (section, manifest) => (await run({ 'package.json': { name: 'p', ...manifest, [section]: { ms: '^2.0.0' } } })).dep('ms').versions.find((one) => one.version === '3.0.0');
  const narrow = await got('devDependencies', { engines: { node: '>=18' } });
  assert.deepEqual([narrow.fits, narrow.narrows], [true, 'it needs Node >=22, and engines in package.json promises >=18']);
  for (const manifest of [{}, { private: true, engines: { node: '>=18' } }, { engines: { node: '>=22' } }]) assert.equal((await got('devDependencies', manifest)).narrows, undefined);
  const use = await got('dependencies', { engines: { node: '>=18' } });
  assert.deepEqual([use.fits, use.narrows], [false, undefined]);
});

test('overrides of what no manifest names are told, since nobody looks at them', async () => {
  const told = await run({ 'package.json': { dependencies: { ms: '^2.0.0' }, overrides: { ms: '$ms', debug: '4.1.0', a: { b: '1.0.0' } } } });
  assert.match(told.warning('overrides-aside').text, /versions of debug(?:, b)?, which no manifest names/);
  const none = await run({ 'package.json': { dependencies: { ms: '^2.0.0' }, overrides: { ms: '$ms' } } });
  assert.ok(!none.warning('overrides-aside'));
});

test('where the document names no repository, its newest version may', async () => {
  const { sourceOf } = await import('../../resources/ecosystems/node/survey/candidates.mjs');
  const versions = { '1.0.0': { repository: 'a/old' }, '2.0.0': { repository: { url: 'git+https://github.com/a/b.git' } } };
  assert.equal(sourceOf({ 'dist-tags': { latest: '2.0.0' }, versions }), 'https://github.com/a/b');
  assert.equal(sourceOf({ repository: 'c/d', 'dist-tags': { latest: '2.0.0' }, versions }), 'https://github.com/c/d');
  assert.equal(sourceOf({ 'dist-tags': { latest: '__proto__' }, versions }), '');
  assert.equal(sourceOf({ versions }), '');
});

test('links and patches that lead an install out of the repository end it', async () => {
  const manifest = { packageManager: 'pnpm@9.15.9', dependencies: { ms: '^2.0.0' }, pnpm: { patchedDependencies: { ms: 'p.patch' } } };
  const patch = (name, more = '') => `diff --git a/${name} b/${name}\n${more}--- a/${name}\n+++ b/${name}\n@@ -1 +1 @@\n-a\n+../b\n`;
  const problem = async (text, file = 'p.patch') => (await run({ 'package.json': { ...manifest, pnpm: { patchedDependencies: { ms: file } } }, ...(text === null ? {} : { 'p.patch': text }) })).problem('outside-setting');
  for (const name of ['../x', 'a/../../x', '"a\\056\\056/x"']) assert.ok(await problem(patch(name)), name);
  assert.ok(await problem(patch('x', 'new file mode 120000\n')));
  assert.ok(await problem(null, '../p.patch') && await problem(null, '/p.patch'));
  for (const name of ['x.js', 'a..b/x.js', '.x']) assert.ok(!await problem(patch(name, 'old mode 100644\nnew mode 100755\n')), name);
  assert.ok(!await problem(null));
  const linked = async (place, target, more = {}) => {
    const folder = lay({ 'package.json': { workspaces: ['m'], dependencies: { ms: '^2.0.0' } }, 'm/package.json': { name: 'm' }, 'real/x': '', ...more });
    fs.mkdirSync(path.join(folder, path.dirname(place)), { recursive: true });
    fs.symlinkSync(target, path.join(folder, place));
    return (await run(folder)).problem('outside-setting');
  };
  for (const place of ['node_modules', '.yarn', '.yarn/cache', 'm/node_modules', 'node_modules/ms', 'node_modules/@a/b', 'node_modules/.pnpm/x']) {
    assert.ok(await linked(place, '/tmp'), place);
    assert.ok(await linked(place, '../../../../nothing-is-here'), place);
  }
  assert.ok(await linked('node_modules', '.git'));
  assert.ok(!await linked('node_modules', 'real') && !await linked('m/node_modules', '../real') && !await linked('elsewhere', '/tmp'));
});

test('a member that is a submodule stays as it is, and is known as a member', async () => {
  const got = await run({ 'package.json': { name: 'r', private: true, workspaces: ['packages/*'], dependencies: { ms: '^2.0.0', shared: '1.0.0' } }, 'packages/shared/.git': 'gitdir: x\n', 'packages/shared/package.json': { name: 'shared', version: '1.0.0', dependencies: { lodash: '^4.0.0', ms: '^1.0.0' } } });
  assert.deepEqual(got.project.dependencies.map((d) => [d.name, d.kind, d.places.length]), [['ms', 'registry', 1], ['shared', 'workspace', 1]]);
  assert.deepEqual(got.doc.projects.length, 1);
  assert.ok(got.problem('member-submodule'));
});

test('several projects, --projects, --package, submodules, hooks, bun, unknown managers', async () => {
  const files = { 'package.json': { name: 'r', scripts: { test: 'echo "Error: no test specified" && exit 1', prepare: 'husky' } }, 'web/package.json': root, 'web/package-lock.json': locks[3], 'api/package.json': { dependencies: { lodash: '^4.0.0' } }, 'api/yarn.lock': '# yarn lockfile v1\n\nlodash@^4.0.0:\n  version "4.0.0"\n', 'stub/package.json': { type: 'module' }, 'examples/e/package.json': root, 'a/b/c/d/e/package.json': root, 'module/.git': 'gitdir: ../.git/modules/module\n', 'module/package.json': root, 'module/inside/package.json': root, 'binding.gyp': '{}', 'b/package.json': { dependencies: { ms: '1' } }, 'b/bun.lock': '{}' };
  const got = await run(files);
  assert.deepEqual(got.doc.projects.map((p) => [p.path, p.manager.name, p.manager.covered]), [['', 'npm', true], ['api', 'yarn-classic', true], ['b', 'bun', false], ['web', 'npm', true]]);
  for (const code of ['hooks', 'bun']) assert.ok(got.warning(code), code);
  assert.equal(got.project.hasTests, false);
  const some = await run(files, '--projects', 'web,nothing,examples/e', '--package', 'ms');
  assert.deepEqual(some.doc.projects.map((p) => p.path), ['web', 'examples/e']);
  assert.deepEqual(some.doc.projects[0].dependencies.map((d) => d.name), ['ms']);
  assert.ok(some.warning('no-project'));
  const odd = await run({ 'package.json': { packageManager: 'pnpm@9.1.0', dependencies: {} }, 'package-lock.json': lock3({}, {}) });
  assert.deepEqual([odd.project.manager.name, odd.project.lockfile, odd.project.otherLockfiles], ['pnpm', null, ['package-lock.json']]);
  assert.ok(odd.warning('other-lockfile'));
  const empty = await run({ 'README.md': 'x' });
  assert.deepEqual(empty.doc.projects, []);
});

test('out of step: named, but not what an override or a tag explains', async () => {
  const manifest = { dependencies: { ms: '^3.0.0', debug: '^4.1.0' } };
  const got = await run({ 'package.json': manifest, 'package-lock.json': lock3({ dependencies: { ms: '^2.1.0' } }, { ms: '2.1.1' }) });
  assert.deepEqual(got.project.problems.map((p) => [p.code, p.package]), [['lockfile-out-of-step', 'ms'], ['lockfile-out-of-step', 'debug']]);
});

test('hostile sizes and shapes stay bounded', async () => {
  // bounded beside what an ordinary repository costs at this moment: a busy machine is slow at both
  const calm = (await run({ 'package.json': root, 'package-lock.json': locks[3] }, '--package', 'none', '--no-advisories')).ms;
  const limit = Math.max(15000, 50 * calm);
  const many = Object.fromEntries(Array.from({ length: 150000 }, (_, i) => [`p${i}`, '1.0.0']));
  const big = await run({ 'package.json': { dependencies: many } }, '--seconds', '20');
  assert.ok(big.problem('too-many-dependencies') || big.problem('too-large'));
  assert.ok(big.project.dependencies.length <= 5000);
  const deepText = '{"dependencies":'.padEnd(17) + '{"a":'.repeat(100000) + '1' + '}'.repeat(100001);
  const deep = await run({ 'package.json': deepText });
  assert.ok(deep.project.dependencies.length <= 1);
  const deepLock = `{"lockfileVersion":1,${'"dependencies":{"x":{"version":"1.0.0",'.repeat(3000)}"y":1${'}}'.repeat(3000)}}`;
  const nested = await run({ 'package.json': root, 'package-lock.json': deepLock });
  assert.ok(nested.problem('invalid-lockfile'));
  for (const [name, text] of [['yarn.lock', `# yarn lockfile v1\n${'a'.repeat(5000000)}`], ['yarn.lock', `# yarn lockfile v1\n${'"a@1", '.repeat(500000)}:`], ['pnpm-lock.yaml', `lockfileVersion: '9.0'\nx: ${'['.repeat(900000)}`], ['pnpm-lock.yaml', `lockfileVersion: '9.0'\n${'? '.repeat(400000)}`], ['pnpm-lock.yaml', `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 9 }, (_, i) => `b${i}: &b${i} [${`*${i ? `b${i - 1}` : 'a'},`.repeat(9)}]\n`).join('')}`], ['pnpm-lock.yaml', `lockfileVersion: '9.0'\n${Array.from({ length: 200 }, (_, i) => `${' '.repeat(i)}k:\n`).join('')}`], ['.npmrc', `a=${'x'.repeat(900000)}`], ['pnpm-workspace.yaml', `packages:\n${'  - "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}/**/**/**/**/**"\n'.repeat(500)}`]]) {
    const got = await run({ 'package.json': root, 'x/y/z/package.json': {}, [name]: text }, '--package', 'none', '--no-advisories');
    assert.ok(got.ms < limit, `${name} ${text.slice(0, 40)} took ${got.ms} of ${limit}`);
  }
  const hot = await run({ 'package.json': { dependencies: { hot: '1.0.0' } } });
  assert.equal(hot.dep('hot').versions.length, 2000);
  const range = await run({ 'package.json': { dependencies: { ms: '1 || '.repeat(100000) + '2', debug: '>'.repeat(400), lodash: `${' '.repeat(50000)}4` } } });
  assert.equal(range.dep('ms').reasonCode, 'invalid');
});

test('through the CONNECT proxy of the environment, over TLS, and a proxy that refuses', async (t) => {
  const folder = lay({ 'package.json': root });
  const key = path.join(folder, 'key.pem'), cert = path.join(folder, 'cert.pem');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=packages.invalid', '-addext', 'subjectAltName=DNS:packages.invalid', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const state = { log: [], advisories: {}, alwaysFull: true };
  const secure = https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert) }, fakeHandler({ ms: plain('2.1.0', '2.1.1'), debug: plain('4.1.0', '4.1.2') }, state));
  await new Promise((ready) => secure.listen(0, '127.0.0.1', ready));
  const connects = [], sockets = new Set();
  let refuse = false;
  const proxy = http.createServer().on('connect', (request, socket) => {
    connects.push(request.url);
    sockets.add(socket);
    socket.on('error', () => {});
    if (refuse) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const onward = net.connect(secure.address().port, '127.0.0.1', () => { socket.write('HTTP/1.1 200 OK\r\n\r\n'); onward.pipe(socket).pipe(onward); });
    onward.on('error', () => socket.destroy());
  });
  await new Promise((ready) => proxy.listen(0, '127.0.0.1', ready));
  t.after(() => { for (const socket of sockets) socket.destroy(); secure.closeAllConnections?.(); proxy.close(); secure.close(); });
  const address = `http://127.0.0.1:${proxy.address().port}`;
  for (const env of [{ https_proxy: address, NODE_EXTRA_CA_CERTS: cert }, { npm_config_https_proxy: address, npm_config_cafile: cert }]) {
    const got = await survey(folder, 'https://packages.invalid/', [], env);
    assert.equal(got.dep('debug').latest, '4.1.2', got.dep('debug').reason);
  }
  assert.ok(connects.length <= 6 && connects.every((one) => one === 'packages.invalid:443'), connects.join());
  const untrusted = await survey(folder, 'https://packages.invalid/', [], { https_proxy: address });
  assert.equal(untrusted.dep('ms').reasonCode, 'registry-error');
  refuse = true;
  const refused = await survey(folder, 'https://packages.invalid/', [], { https_proxy: address, NODE_EXTRA_CA_CERTS: cert });
  assert.match(refused.dep('ms').reason, /refused packages\.invalid/);
});

test('--installed says what the lockfile has, and nothing of one that cannot be read', async () => {
  const files = { 'package.json': { dependencies: { debug: '4.1.0' } }, 'package-lock.json': lock3({ dependencies: { debug: '4.1.0' } }, { debug: { version: '4.1.0' }, ms: '2.1.1', 'debug/node_modules/ms': '2.1.2' }) };
  const look = async (more) => (await run({ ...files, ...more }, '--offline', '--installed', 'ms,gone,__proto__')).project.installed;
  assert.deepEqual({ ...(await look({})) }, JSON.parse('{"ms":["2.1.1","2.1.2"],"gone":[],"__proto__":[]}'));
  assert.equal(await look({ 'package-lock.json': '{' }), undefined);
});

test('wrong use ends with 2 and says how', async () => {
  const folder = lay({ 'package.json': {} });
  const { spawnSync } = await import('node:child_process');
  const { program } = await import('./testing/run.mjs');
  for (const args of [[], ['--folder', folder], ['--folder', '/nope', '--registry', fake.url], ['--folder', folder, '--registry', 'x'], ['--what']]) {
    const got = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
    assert.equal(got.status, 2);
    assert.equal(got.stdout, '');
  }
  assert.equal((await start(folder, fake.url, ['--node', 'abc'])).code, 2);
});

// Programs that stand between two runs of Yarn.
const surveyFolder = path.join(import.meta.dirname, '../../resources/ecosystems/node/survey');
function relock(text, ...args) {
  const folder = fs.mkdtempSync('/tmp/relock-');
  const file = path.join(folder, 'yarn.lock');
  fs.writeFileSync(file, text);
  try {
    execFileSync(process.execPath, [path.join(surveyFolder, 'relock.mjs'), args[0], file, ...args.slice(1)]);
    return fs.readFileSync(file, 'utf8');
  } finally { fs.rmSync(folder, { recursive: true }); }
}
const classicHead = '# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.\n# yarn lockfile v1\n\n\n';

test('what Yarn 1 locked for a version is locked for the range, in its place and order', () => {
  const before = `${classicHead}"@s/a@1.0.0", "@s/a@^1.0.0":\n  version "1.0.0"\n\nb@2.0.0:\n  version "2.0.0"\n  dependencies:\n    c "^1.0.0"\n\nb@^1.0.0:\n  version "1.9.0"\n\nc@^1.0.0:\n  version "1.0.0"\n`;
  const after = relock(before, 'move', '@s/a', '1.0.0', '>=1.0.0 <3', 'b', '2.0.0', '~2.0.0');
  assert.equal(after, `${classicHead}"@s/a@>=1.0.0 <3", "@s/a@^1.0.0":\n  version "1.0.0"\n\nb@^1.0.0:\n  version "1.9.0"\n\nb@~2.0.0:\n  version "2.0.0"\n  dependencies:\n    c "^1.0.0"\n\nc@^1.0.0:\n  version "1.0.0"\n`);
});

test('one version that stands for several ranges is locked for each of them', () => {
  const after = relock(`${classicHead}b@2.0.0:\n  version "2.0.0"\n`, 'move', 'b', '2.0.0', '~2.0.0', 'b', '2.0.0', '^2.0.0');
  assert.equal(after, `${classicHead}b@^2.0.0, b@~2.0.0:\n  version "2.0.0"\n`);
});

test('an entry that all others left behind goes, and nothing changes without a move', () => {
  const before = `${classicHead}b@2.0.0:\n  version "2.0.0"\n\nb@^2.0.0:\n  version "2.1.0"\n`;
  assert.equal(relock(before, 'move', 'b', '2.0.0', '^2.0.0'), `${classicHead}b@^2.0.0:\n  version "2.0.0"\n`);
  assert.equal(relock(before, 'move', 'b', '2.0.0', '2.0.0'), before);
  assert.equal(relock(before, 'move'), before);
});

test('what an advisory is about is forgotten by name and version', () => {
  const before = `${classicHead}"@s/a@^1.0.0":\n  version "1.0.0"\n\nb@^1.0.0, b@~1.0.0:\n  version "1.0.0"\n  dependencies:\n    c "^1.0.0"\n\nb@^2.0.0:\n  version "2.0.0"\n\n"x@npm:b@^1.0.0":\n  version "1.0.0"\n`;
  assert.equal(relock(before, 'forget', 'b@1.0.0'), before.replace(/\nb@\^1[^]*?\n\n/, '\n').replace(/\n"x@npm[^]*$/, ''));
  assert.equal(relock(before.replace(/\n/g, '\r\n'), 'forget', 'b@2.0.0'), before.replace(/\nb@\^2[^]*?\n\n/, '\n').replace(/\n/g, '\r\n'));
  assert.equal(relock(before, 'forget', 'nobody@1.0.0'), before);
  const berry = '__metadata:\n  version: 8\n\n"@s/b@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "@s/b@npm:1.0.0"\n\n"b@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "b@npm:1.0.0"\n';
  assert.equal(relock(berry, 'forget', '@s/b@1.0.0'), berry.replace(/"@s\/b@npm[^]*?\n\n/, ''));
});

test('the same for the later Yarn, whose keys name a protocol', () => {
  const before = '# head\n\n__metadata:\n  version: 8\n\n"b@npm:2.0.0, b@npm:^2.0.0-rc":\n  version: 2.0.0\n  resolution: "b@npm:2.0.0"\n\n"x@workspace:.":\n  version: 0.0.0-use.local\n';
  assert.equal(relock(before, 'move', 'b', '2.0.0', '^2.0.0'), before.replace('"b@npm:2.0.0, b@npm:^2.0.0-rc"', '"b@npm:^2.0.0, b@npm:^2.0.0-rc"'));
  assert.equal(relock(before, 'move', 'b', 'npm:2.0.0', 'npm:^2.0.0'), before.replace('"b@npm:2.0.0, b@npm:^2.0.0-rc"', '"b@npm:^2.0.0, b@npm:^2.0.0-rc"'));
});

test('what npm locked for packages that stand against each other is forgotten, and nothing else', () => {
  const folder = fs.mkdtempSync('/tmp/survey-unlock-');
  const file = path.join(folder, 'package-lock.json');
  const program = new URL('../../resources/ecosystems/node/survey/unlock.mjs', import.meta.url).pathname;
  const forget = (lock, ...names) => {
    fs.writeFileSync(file, typeof lock === 'string' ? lock : `${JSON.stringify(lock, null, '\t')}\n`);
    try { execFileSync(process.execPath, [program, '--or-fail', file, ...names], { stdio: 'pipe' }); return 0; } catch (failure) { return failure.status; }
  };
  const packages = { '': { name: 'x' }, 'node_modules/a': {}, 'node_modules/a/node_modules/b': {}, 'node_modules/ab': {}, 'node_modules/@s/a': {}, 'node_modules/c/node_modules/a': {}, 'node_modules/w': { resolved: 'w', link: true }, w: {} };
  assert.equal(forget({ lockfileVersion: 3, packages }, 'a', 'w'), 0);
  const text = fs.readFileSync(file, 'utf8');
  assert.deepEqual(Object.keys(JSON.parse(text).packages), ['', 'node_modules/ab', 'node_modules/@s/a', 'node_modules/w', 'w']);
  assert.match(text, /^\t"lockfileVersion"/m);
  assert.equal(forget({ lockfileVersion: 3, packages }, 'nobody'), 3);
  const left = () => JSON.parse(fs.readFileSync(file, 'utf8'));
  assert.equal(forget({ lockfileVersion: 1, dependencies: { a: { version: '1.0.0' }, b: { version: '1.0.0', dependencies: { a: { version: '2.0.0', dependencies: { c: {} } } } } } }, 'a@2.0.0'), 0);
  assert.deepEqual(left().dependencies, { a: { version: '1.0.0' }, b: { version: '1.0.0', dependencies: {} } });
  const two = { 'node_modules/a': { version: '1.0.0' }, 'node_modules/@s/b/node_modules/a': { version: '2.0.0' }, 'node_modules/@s/b/node_modules/a/node_modules/c': {}, 'node_modules/ab': { version: '2.0.0' } };
  assert.equal(forget({ lockfileVersion: 3, packages: two }, 'a@2.0.0', '@s/b@9.0.0'), 0);
  assert.deepEqual(Object.keys(left().packages), ['node_modules/a', 'node_modules/ab']);
  for (const hostile of ['', '[]', 'null', '{"packages": 7}', '{"packages": null}', '{"packages": {"node_modules/a": null}']) {
    assert.notEqual(forget(hostile, 'a'), 0);
    assert.equal(fs.readFileSync(file, 'utf8'), hostile);
  }
  fs.rmSync(folder, { recursive: true });
});

test('only what changes a resolution is taken from .yarnrc.yml, also from above the project', () => {
  const folder = fs.mkdtempSync('/tmp/yarnrc-');
  fs.mkdirSync(path.join(folder, 'repo/web'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'repo/.yarnrc.yml'), 'nodeLinker: pnp\nyarnPath: ./evil.cjs\nnpmRegistryServer: "https://elsewhere.invalid"\nplugins:\n  - ./p.cjs\n');
  fs.writeFileSync(path.join(folder, 'repo/web/.yarnrc.yml'), 'nodeLinker: node-modules\nenableScripts: true\nhttpsProxy: "http://192.0.2.1"\ncatalog:\n  ms: ^2.0.0 # why\n');
  for (const [version, gate] of [['3.8.7', undefined], ['4.5.0', undefined], ['4.10.0', '0']]) {
    fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ version }));
    execFileSync(process.execPath, [path.join(surveyFolder, 'yarnrc.mjs'), path.join(folder, 'repo'), path.join(folder, 'repo/web'), path.join(folder, 'out.yml'), path.join(folder, 'package.json')]);
    const out = JSON.parse(fs.readFileSync(path.join(folder, 'out.yml'), 'utf8'));
    assert.deepEqual(out, { nodeLinker: 'node-modules', catalog: { ms: '^2.0.0' }, ...(gate ? { npmMinimalAgeGate: gate } : {}) });
  }
  fs.rmSync(folder, { recursive: true });
});

test('the manager that moves a lockfile is the one that is asked for, else one that writes it as it stands', async () => {
  const tool = async (files) => {
    const got = await run({ 'package.json': { name: 'x' }, ...files }, '--no-advisories');
    return [got.project.manager.tool?.versions.join(' ') ?? null, got.project.problems.map((p) => p.code).join()];
  };
  const pnpm = (version, more = '') => ({ 'pnpm-lock.yaml': `lockfileVersion: '${version}'\n${more}importers:\n\n  .: {}\n` });
  assert.deepEqual(await tool(pnpm('5.4')), ['7', '']);
  assert.deepEqual(await tool(pnpm('6.0')), ['8', '']);
  assert.deepEqual(await tool(pnpm('9.0')), ['9', '']);
  assert.deepEqual(await tool({ ...pnpm('9.0'), 'pnpm-workspace.yaml': 'packages: []\noverrides:\n  a: 1.0.0\n' }), ['10', '']);
  assert.deepEqual(await tool({ ...pnpm('9.0'), 'package.json': { packageManager: 'pnpm@9.1.0+sha512.00' } }), ['9.1.0 9', '']);
  assert.deepEqual(await tool({ ...pnpm('9.0'), 'package.json': { engines: { pnpm: '>=8' } } }), ['9', '']);
  assert.deepEqual(await tool({ ...pnpm('9.0'), 'package.json': { engines: { pnpm: '^9.4.0' } } }), ['^9.4.0 9', '']);
  assert.deepEqual(await tool({ ...pnpm('9.0'), 'package.json': { packageManager: 'pnpm@12.1.0' } }), ['11', '']);
  assert.deepEqual(await tool(pnpm('9.0', 'pnpmfileChecksum: abc\n')), ['9', 'needs-code']);
  // what cannot read the lockfile as it is would write another one
  for (const [version, asked, used] of [['9.0', '8.15.9', '9'], ['6.0', '9.0.0', '8'], ['9.0', '6.35.1', '9'], ['5.4', '8.0.0', '7']]) {
    assert.deepEqual(await tool({ ...pnpm(version), 'package.json': { packageManager: `pnpm@${asked}` } }), [used, '']);
  }
  assert.deepEqual(await tool({ 'package.json': { packageManager: 'yarn@1.0.0' }, 'yarn.lock': '# yarn lockfile v1\n' }), ['1', '']);
  assert.deepEqual(await tool({ 'package.json': { packageManager: 'yarn@1.22.19' }, 'yarn.lock': '# yarn lockfile v1\n' }), ['1.22.19 1', '']);
  const berry = (version) => ({ 'yarn.lock': `__metadata:\n  version: ${version}\n` });
  assert.deepEqual(await tool(berry(6)), ['3', '']);
  assert.deepEqual(await tool(berry(8)), ['>=4.0.2 <4.13.0', '']);
  assert.deepEqual(await tool(berry(10)), ['4', '']);
  assert.deepEqual(await tool({ ...berry(8), '.yarnrc.yml': 'yarnPath: .yarn/releases/yarn-4.5.3.cjs\n' }), ['4.5.3 >=4.0.2 <4.13.0', '']);
  assert.deepEqual(await tool({ ...berry(8), '.pnp.cjs': '//' }), ['>=4.0.2 <4.13.0', 'zero-install']);
  assert.deepEqual(await tool(berry(4)), [null, 'no-tool']);
  assert.deepEqual(await tool({ 'yarn.lock': '# yarn lockfile v1\n' }), ['1', '']);
  const members = { 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n", 'a/package.json': { name: 'a' } };
  assert.equal((await tool({ ...members, 'pnpm-workspace.yaml': 'packages: [a]\nsharedWorkspaceLockfile: false\n' }))[1], 'separate-lockfiles');
  assert.equal((await tool({ ...members, 'pnpm-workspace.yaml': 'packages: [a]\n', '.npmrc': 'shared-workspace-lockfile=false\n' }))[1], 'separate-lockfiles');
  assert.notEqual((await tool({ ...members, 'pnpm-workspace.yaml': 'packages: [a]\n', '.npmrc': 'shared-workspace-lockfile=true\n' }))[1], 'separate-lockfiles');
  assert.deepEqual(await tool({ 'yarn.lock': '# yarn lockfile v1\n', '.yarnrc': 'yarn-offline-mirror "./mirror"\n' }), ['1', 'offline-mirror']);
});
