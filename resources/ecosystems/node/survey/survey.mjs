#!/usr/bin/env node
// What the Node ecosystem's own libraries say of a clone, as one JSON document on stdout (SCHEMA.md). Runs nothing of the repository, obeys none of its
// settings, decides nothing. A problem of the repository is an entry with a sentence; only wrong use ends with exit code 2.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { clean, cleanText, isObject, limits, notes, openFolder, own, record, safeUrl, together } from './text.mjs';
import { loadTools } from './tools.mjs';
import { findManifests, findMembers, hasTests, hookWarning, inRepository, isAside, isTooDeep, looksLikeProject, mayBeProject, projectDepth, readManifest, scriptsOf, sections, workspacePatterns } from './projects.mjs';
import { isExcepted, minimumAge, readSettings } from './settings.mjs';
import { chooseRuntime, judgingNode, promisedNode, readRuntimes } from './runtime.mjs';
import { chooseManager } from './manager.mjs';
import { chooseTool, hasModules, toolObstacle } from './tool.mjs';
import { readLockfile } from './lockfiles.mjs';
import { gather } from './manifests.mjs';
import { openRegistry } from './registry.mjs';
import { addFull, evaluate, typesFollow } from './candidates.mjs';
import { checkAdvisories } from './advisories.mjs';
import { lockfileMoves } from './indirect.mjs';

function usage(text) {
  process.stderr.write(`survey: ${text}\nusage: survey.mjs --folder DIR --registry URL [--npm DIR] [--projects a,b] [--node VERSION] [--asked-node RANGE] [--no-advisories] [--offline] [--package NAME] [--equivalent URL,URL] [--allow-registry URL,URL] [--scope @NAME=URL,@NAME=URL] [--installed NAME,NAME] [--seconds N]\n`);
  process.exit(2);
}

function readArguments() {
  let values;
  try {
    ({ values } = parseArgs({ options: {
      folder: { type: 'string' }, registry: { type: 'string' }, npm: { type: 'string', default: '/usr/local/lib/node_modules/npm' }, projects: { type: 'string' }, node: { type: 'string' }, 'asked-node': { type: 'string' },
      'no-advisories': { type: 'boolean', default: false }, offline: { type: 'boolean', default: false }, package: { type: 'string' }, equivalent: { type: 'string' }, 'allow-registry': { type: 'string' }, scope: { type: 'string' }, installed: { type: 'string', default: '' }, seconds: { type: 'string', default: '240' },
    } }));
  } catch (failure) { usage(failure.message); }
  if (!values.folder || !values.registry) usage('--folder and --registry are needed');
  const address = (text) => {
    const url = safeUrl(text);
    if (!url) usage(`${text} is not an http(s) address`);
    return url.endsWith('/') ? url : `${url}/`;
  };
  const seconds = Number(values.seconds);
  if (!(seconds > 0 && seconds <= 3600)) usage('--seconds is a number up to 3600');
  try { if (!fs.statSync(values.folder).isDirectory()) usage(`${values.folder} is not a folder`); } catch { usage(`${values.folder} cannot be read`); }
  const list = (text) => (text === undefined ? [] : text.split(',').filter(Boolean).map(address));
  const scopes = Object.create(null);
  for (const one of (values.scope ?? '').split(',').filter(Boolean)) {
    const equals = one.indexOf('=');
    if (equals < 2 || one[0] !== '@') usage(`${one} is not @NAME=URL`);
    scopes[one.slice(0, equals)] = address(one.slice(equals + 1));
  }
  let tools;
  try { tools = loadTools(values.npm); } catch (failure) { usage(`npm's libraries are not in ${values.npm} (${failure.code ?? failure.message})`); }
  if (values.node !== undefined && !tools.semver.valid(values.node)) usage('--node is a version');
  return {
    folder: values.folder, base: address(values.registry), tools, node: values.node ? tools.semver.valid(values.node) : null, askedNode: values['asked-node'] ? clean(values['asked-node'], 100) : null, advisories: !values['no-advisories'] && !values.offline, offline: values.offline, only: values.package ?? null,
    projects: values.projects === undefined ? null : values.projects.split(',').map((one) => path.posix.normalize(one.trim() || '.').replace(/^\.$|\/$/g, '')),
    equivalent: list(values.equivalent), allowed: list(values['allow-registry']), scopes, installed: values.installed.split(',').filter(Boolean).slice(0, 2000), seconds,
  };
}

/** Which registry a package is asked for at, by what the repository says and the caller allows. */
function registryRule(args, registries) {
  const same = new Set([args.base, ...args.equivalent, args.tools.defaultRegistry].filter(Boolean).map((url) => (url.endsWith('/') ? url : `${url}/`)));
  const sameHosts = new Set([...same].map((url) => new URL(url).host));
  const allowedHosts = new Set(args.allowed.map((url) => new URL(url).host));
  const scoped = (name) => (name.startsWith('@') ? own(args.scopes, name.slice(0, name.indexOf('/'))) ?? own(registries.scopes, name.slice(0, name.indexOf('/'))) : undefined);
  const asked = (name) => scoped(name) ?? registries.default ?? args.base;
  const place = (name) => {
    const url = asked(name);
    const full = url.endsWith('/') ? url : `${url}/`;
    if (same.has(full)) return { url: args.base };
    if (args.allowed.includes(full)) return { url: full };
    if (full.startsWith('http:') && sameHosts.has(new URL(full).host)) return { url: null, host: new URL(full).host, reason: `The repository asks for the registry ${new URL(full).host} over http, without encryption; it is not asked that way. Change the address to https.` };
    return { url: null, host: new URL(full).host, reason: `It comes from the registry ${new URL(full).host}, which the repository asks for and the settings do not name.` };
  };
  return {
    registryFor(name, hosts) {
      const found = place(name);
      // only a caller who says which hosts are the same can be strict about the lockfile's
      const strange = args.equivalent.length ? hosts.find((host) => !sameHosts.has(host) && !allowedHosts.has(host)) : undefined;
      if (found.url !== null && strange) return { url: null, host: strange, reason: `The lockfile has it from ${clean(strange, 100)}, which the settings do not name.` };
      return found;
    },
    isPublic: (entry) => place(entry.name).url === args.base && (entry.host === null || sameHosts.has(entry.host) || args.equivalent.length === 0),
  };
}

/** The names of the other members that one depends on: they are built before it. */
function needsOf(member, members) {
  const others = new Set(members.map((one) => own(one.manifest, 'name')).filter((name) => typeof name === 'string'));
  const asked = sections.filter((section) => section !== 'peerDependencies').flatMap((section) => (isObject(own(member.manifest, section)) ? Object.keys(member.manifest[section]) : []));
  return [...new Set(asked.filter((name) => others.has(name)))].slice(0, 500).map((name) => clean(name, 214));
}

/** `broken`: a sentence, when an earlier try could not make sense of it. Then nothing of the manifest is used. */
function describeProject(folder, at, candidates, context, broken = null) {
  const { args, warnings, root } = context;
  const problems = notes(limits.problems);
  const read = broken !== null ? { manifest: {}, problems: [{ code: 'unreadable', text: broken }] } : at === '' ? root : readManifest(folder, at);
  for (const one of read.problems) problems.add(one.code, one.text);
  const { manifest } = read;
  const settings = readSettings(folder, at, warnings);
  for (const one of settings.problems) problems.add(one.code, one.text);
  const { manager, lockfile, others } = chooseManager({ folder, at, manifest, rootManifest: root.manifest, settings, warnings });
  const members = findMembers({ folder, at, patterns: workspacePatterns(manager.name, manifest, settings), candidates, problems });
  const scripts = scriptsOf(manifest, cleanText);
  hookWarning(folder, at, scripts, warnings);
  const runtimes = readRuntimes(folder, at, manifest);
  if (args.askedNode !== null) runtimes.unshift({ node: args.askedNode, from: 'the settings' });
  const runtime = chooseRuntime(args.tools.semver, runtimes, warnings, process.version.slice(1));
  const node = judgingNode(args.tools.semver, runtime, args.node);
  const publish = safeUrl(own(own(manifest, 'publishConfig'), 'registry'));
  if (publish) settings.registries.publish = publish;

  let lock = null;
  if (lockfile && broken === null) {
    const file = at === '' ? lockfile : `${at}/${lockfile}`;
    lock = { ...readLockfile(folder, file, manager.name, args.tools.semver), file };
    for (const one of lock.problems) problems.add(one.code, one.text);
    if (lock.needsCode) warnings.add('repository-code', `${file} was written with a pnpmfile (pnpmfileChecksum). The pnpmfile is code of the repository and is not run, so the lockfile cannot be refreshed truly without it.`, { file });
    if (manager.name.startsWith('yarn') && !lock.broken && (manager.name === 'yarn-classic') !== (lock.version === '1')) {
      warnings.add('lockfile-version', `${file} was written by another Yarn (its version is ${lock.version}) than ${manager.from} says.`, { file });
    }
  }
  const chosen = chooseTool({ manager, lock, settings, manifest, semver: args.tools.semver, npmVersion: args.tools.npmVersion });
  manager.tool = chosen.tool;
  if (chosen.note) warnings.add('manager-version', chosen.note, { file: at === '' ? 'package.json' : `${at}/package.json` });
  if (chosen.problem) problems.add('no-tool', chosen.problem);
  const obstacle = toolObstacle({ folder, at, members, manager, manifest, lock, settings });
  if (obstacle) problems.add(...obstacle);
  const project = { path: at, manifest, members, manager };
  const rule = registryRule(args, settings.registries);
  const { dependencies, direct, overridden } = gather({ project, settings, lock, tools: args.tools, folder, registryFor: rule.registryFor, problems });
  const held = [...overridden].filter((name) => !dependencies.some((one) => one.name === name));
  if (held.length > 0) warnings.add('overrides-aside', `Overrides in ${at === '' ? 'package.json' : `${at}/package.json`} or beside it say the versions of ${held.slice(0, 8).map((one) => clean(one, 214)).join(', ')}${held.length > 8 ? ` and ${held.length - 8} more` : ''}, which no manifest names: whether these are outdated was not looked at.`, { file: at === '' ? 'package.json' : `${at}/package.json` });
  const age = minimumAge(manager.name, settings, at);
  if (age) for (const one of dependencies) if (!isExcepted(one.name, age.except)) one.minimumAgeDays = age.days;
  const output = {
    path: at, name: clean(own(manifest, 'name') ?? '', 214), private: own(manifest, 'private') === true, manager,
    lockfile: lock ? { file: lockfile, version: lock.version, readable: !lock.broken, hasResolved: lock.hasResolved, hosts: lock.hosts, others } : null,
    otherLockfiles: lockfile ? [] : others,
    runtime, runtimes, judgedWith: { node: node.text, from: node.from },
    members: members.map((one) => ({ path: one.path, name: clean(own(one.manifest, 'name') ?? '', 214), private: own(one.manifest, 'private') === true, scripts: scriptsOf(one.manifest, cleanText), needs: needsOf(one, members) })),
    alone: manager.name === 'pnpm' && at !== '' && !settings.pnpmWorkspace, scripts, hasTests: hasTests(scripts), modules: hasModules(manager, settings), registries: settings.registries, settings: settings.settings, minimumAge: age ? { days: age.days, from: age.from } : null,
    dependencies: [], installedPackages: lock && !lock.broken ? lock.entries.size : 0, advisories: null, problems: problems.list,
  };
  const promises = new Map([{ path: at, manifest }, ...members].map((one) => [path.posix.join(one.path, 'package.json'), promisedNode(args.tools.semver, one.manifest)]));
  return { output, project, lock, direct, overridden, rule, node, promises, asked: runtimes.length > 0, dependencies: context.args.only === null ? dependencies : dependencies.filter((one) => one.name === context.args.only) };
}

/** Of what those packages promise that name a dependency (a member its own, else the project's) the oldest Node. */
function strictest(semver, dependency, { promises, output }) {
  const root = promises.get(path.posix.join(output.path, 'package.json')) ?? null;
  const kept = dependency.places.filter((place) => promises.has(place.file)).map((place) => (promises.get(place.file) ? { ...promises.get(place.file), file: place.file } : root)).filter((one) => one !== null);
  return kept.reduce((low, one) => (low === null || semver.lt(one.line, low.line) ? one : low), kept.length ? null : root);
}

/** Asks for each package once, for all projects, and judges at once so that no document stays in memory. */
async function judge(surveyed, registry, context) {
  const { args } = context;
  if (args.offline) return;
  const wanted = new Map();
  for (const one of surveyed) {
    for (const dependency of one.dependencies) {
      if (dependency.registryUrl === null) continue;
      const key = `${dependency.registryUrl}\0${dependency.name}`;
      const group = wanted.get(key) ?? { base: dependency.registryUrl, name: dependency.name, uses: [] };
      group.uses.push({ dependency, node: one.node.version, promise: strictest(args.tools.semver, dependency, one), asked: one.asked });
      wanted.set(key, group);
    }
  }
  const counter = { versions: 0 };
  await together([...wanted.values()], registry.width, async (group) => {
    const started = Date.now();
    const fail = (found) => {
      for (const { dependency } of group.uses) { dependency.reasonCode = found.code; dependency.reason = clean(found.text, 400); }
    };
    const got = await registry.packument(group.base, group.name, false, 60000);
    if (!got.document) return fail(got);
    try {
      const more = { semver: args.tools.semver, now: context.now, counter };
      for (const { dependency, ...use } of group.uses) evaluate(dependency, got.document, { ...more, ...use });
      if (isObject(got.document.time) || group.uses.every(({ dependency }) => dependency.versions.length === 0)) return;
      const full = await registry.packument(group.base, group.name, true, Math.max(1, 60000 - (Date.now() - started)));
      if (full.document) for (const { dependency } of group.uses) addFull(dependency, full.document, more);
      else context.warnings.add('no-times', `When versions of ${group.name} were published is not known: ${full.text}`);
    } catch (failure) {
      fail({ code: 'registry-error', text: `The document of ${group.name} cannot be used: ${clean(failure.message, 200)}.` });
    }
  });
  for (const one of surveyed) typesFollow(one.dependencies, args.tools.semver);
}

/** Which version stands in node_modules where each manifest would find it. */
function findInstalled(folder, { output, dependencies }) {
  for (const dependency of dependencies) {
    for (const place of dependency.places) {
      if (!place.file.endsWith('package.json') || place.path.length !== 2) continue;
      place.installed = null;
      for (let at = path.posix.dirname(place.file); ; at = path.posix.dirname(at)) {
        const read = readManifest(folder, path.posix.join(at, 'node_modules', place.path[1]));
        if (!read.missing) { place.installed = clean(own(read.manifest, 'version') ?? '', 256); break; }
        if (at === '.' || at === output.path) break;
      }
    }
  }
}

function publicForm(dependency) {
  const { ranges, tag, registryUrl, ownPeers, ...rest } = dependency;
  return rest;
}

async function main() {
  const args = readArguments();
  const now = Date.now();
  const warnings = notes(limits.warnings);
  const folder = openFolder(args.folder);
  const candidates = findManifests(folder, warnings);
  const root = readManifest(folder, '');
  const context = { args, now, warnings, root };

  const surveyed = [];
  const taken = new Set();
  const visit = (at) => {
    if (surveyed.length >= limits.projects) return void warnings.add('too-many-projects', `There are more than ${limits.projects} projects; the rest is left out.`);
    let one;
    // one project that nobody could have foreseen does not hide the others
    try { one = describeProject(folder, at, candidates, context); }
    catch (failure) { one = describeProject(folder, at, candidates, context, `The files of this project cannot be made sense of: ${clean(String(failure?.message ?? failure), 200)}.`); }
    taken.add(at);
    for (const member of one.output.members) taken.add(member.path);
    surveyed.push(one);
  };
  for (const at of candidates) {
    if (taken.has(at) || !inRepository(candidates, at) || (args.projects === null && !mayBeProject(folder, at, at === '' ? root.manifest : readManifest(folder, at).manifest))) continue;
    if (args.projects !== null && !args.projects.includes(at)) continue;
    visit(at);
  }
  if (args.projects === null) {
    const left = candidates.filter((at) => at !== '' && !taken.has(at) && inRepository(candidates, at) && isAside(at) && looksLikeProject(folder, at, readManifest(folder, at).manifest));
    const named = (list) => `${list.slice(0, 10).map((at) => clean(at, 100)).join(', ')}${list.length > 10 ? ` and ${list.length - 10} more` : ''}`;
    const deep = left.filter((at) => isTooDeep(at)), byName = left.filter((at) => !isTooDeep(at));
    if (byName.length) warnings.add('folders-aside', `Not looked into, because their names say that they are not in use: ${named(byName)}. Name them in the setting "projects" where they are.`, { file: byName[0] });
    if (deep.length) warnings.add('folders-aside', `Not looked into, because they lie deeper than ${projectDepth} folders: ${named(deep)}. Name them in the setting "projects" where they count.`, { file: deep[0] });
  }
  for (const at of args.projects ?? []) {
    if (!surveyed.some((one) => one.output.path === at)) warnings.add(taken.has(at) ? 'project-is-member' : 'no-project', taken.has(at) ? `${at} is a member of another project and is surveyed with it.` : `${clean(at, 200) || 'The root'} has no package.json.`);
  }

  const registry = openRegistry({ userAgent: `ovvoc-survey node/${process.version} npm/${args.tools.npmVersion}`, deadline: now + args.seconds * 1000 });
  const counter = { versions: 0 };
  const ask = async (one) => {
    const advisories = await checkAdvisories({ lock: one.lock, direct: one.direct, registry, base: args.base, isPublic: one.rule.isPublic, tools: args.tools, enabled: args.advisories });
    const moves = one.output.manager.covered && (args.only === null || advisories.list.some((item) => item.package === args.only))
      ? await lockfileMoves({ ...one, advisories, registry, registryFor: one.rule.registryFor, semver: args.tools.semver, judging: one, now, counter }) : [];
    return { advisories, moves: args.only === null ? moves : moves.filter((move) => move.name === args.only) };
  };
  const [, asked] = await Promise.all([judge(surveyed, registry, context), inTurn(surveyed, ask)]);
  registry.close();
  surveyed.forEach((one, index) => {
    if (args.offline) findInstalled(folder, one);
    one.output.dependencies = [...one.dependencies.map(publicForm), ...asked[index].moves];
    one.output.advisories = asked[index].advisories;
    if (args.installed.length && one.lock && !one.lock.broken) one.output.installed = installedVersions(one.lock, args.installed);
  });
  return { survey: 1, ecosystem: 'node', warnings: warnings.list, projects: surveyed.map((one) => one.output) };
}

/** The versions that the lockfile has of these names. */
function installedVersions(lock, names) {
  const found = record();
  for (const name of names) found[name] = [];
  for (const entry of lock.entries.values()) {
    const list = found[entry.name];
    if (list && entry.version !== null && !list.includes(entry.version) && list.length < 100) list.push(entry.version);
  }
  return found;
}

async function inTurn(list, work) {
  const out = [];
  for (const one of list) out.push(await work(one));
  return out;
}

/** The document is written with an exit code of its own: process.exit before a pipe is drained would cut it. */
function print(document) {
  process.stdout.write(`${JSON.stringify(document)}\n`, () => process.exit(0));
}

main().then(print, (failure) => {
  print({ survey: 1, ecosystem: 'node', warnings: [{ code: 'survey-failed', text: clean(`The survey itself failed: ${failure?.message ?? failure}`, 400), file: '' }], projects: [] });
  if (process.env.SURVEY_DEBUG) process.stderr.write(`${failure?.stack}\n`);
});
