// Finds manifests, and which of them are projects and which are members of one.
//
// A project is the root's manifest, or one in a folder below (at most four deep) that is no member of a project above it, has a lockfile of its own or declares
// at least one dependency, and does not lie below a folder whose name says that it is not for use: see `aside`. Folders named with --projects need only a manifest.
import fs from 'node:fs';
import path from 'node:path';
import { clean, isObject, limits, own, parseJson } from './text.mjs';
import { workspaceMatcher } from './glob.mjs';

const aside = new Set(['node_modules', 'bower_components', 'vendor', 'dist', 'build', 'out', 'coverage', 'test', 'tests', '__tests__', '__test__', 'spec', 'specs',
  'e2e', 'fixture', 'fixtures', '__fixtures__', '__mocks__', 'testdata', 'test-data', 'example', 'examples', 'sample', 'samples', 'demo', 'demos', 'template',
  'templates', 'benchmark', 'benchmarks', 'bench', 'third_party', 'tmp']);
export const projectDepth = 4;
const locks = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'];

/**
 * All folders with a manifest, nearest first. Never into node_modules, dot folders or through links. Those of other repositories that lie in this one (submodules)
 * are found as well, because they may be members, and noted in `foreign`: their manifests are not this repository's to change.
 */
export function findManifests(folder, warnings) {
  const found = [];
  found.foreign = [];
  let level = [''];
  let seen = 0;
  for (let depth = 0; depth <= limits.depth && level.length; depth++) {
    const next = [];
    for (const at of level) {
      if (++seen > limits.folders) {
        warnings.add('too-many-folders', `The repository has more than ${limits.folders} folders; the rest was not searched for projects.`, { file: at });
        return found;
      }
      let entries;
      try { entries = fs.readdirSync(path.join(folder.root, at), { withFileTypes: true }); } catch { continue; }
      if (at !== '' && entries.some((one) => one.name === '.git')) found.foreign.push(at);
      if (entries.some((one) => (one.name === 'package.json' || one.name === 'pnpm-workspace.yaml') && !one.isDirectory())) found.push(at);
      for (const one of entries) {
        if (!one.isDirectory() || one.name === 'node_modules' || one.name.startsWith('.') || one.name.includes('\ufffd')) continue;
        next.push(at === '' ? one.name : `${at}/${one.name}`);
      }
    }
    next.sort();
    level = next;
  }
  return found;
}

/** Whether a file or folder is this repository's own, and not a submodule's. */
export function inRepository(candidates, at) {
  return !candidates.foreign.some((module) => at === module || at.startsWith(`${module}/`));
}

/** {manifest, problems}: an unreadable manifest is an empty one with a problem. */
export function readManifest(folder, at) {
  const file = at === '' ? 'package.json' : `${at}/package.json`;
  const got = folder.read(file, limits.manifest);
  if (!got) return { manifest: {}, missing: true, problems: [] };
  if (got.error) return { manifest: {}, broken: true, problems: [{ code: got.code, text: got.error }] };
  const parsed = parseJson(got.text, file);
  if (parsed.error) return { manifest: {}, broken: true, problems: [{ code: parsed.code, text: parsed.error }] };
  if (!isObject(parsed.value)) return { manifest: {}, broken: true, problems: [{ code: 'invalid-manifest', text: `${file} is not an object.` }] };
  return { manifest: parsed.value, problems: [] };
}

export const sections = ['dependencies', 'optionalDependencies', 'devDependencies', 'peerDependencies'];

/** Whether a folder below the root may be a project of its own. */
export function mayBeProject(folder, at, manifest) {
  return at === '' || (!isAside(at) && looksLikeProject(folder, at, manifest));
}

/** Whether a folder's name or depth says that it is not for use. */
export const isTooDeep = (at) => at.split('/').length > projectDepth;

export function isAside(at) {
  const parts = at.split('/');
  return isTooDeep(at) || parts.some((part) => aside.has(part.toLowerCase()));
}

export function looksLikeProject(folder, at, manifest) {
  return locks.some((name) => folder.isFile(`${at}/${name}`)) || sections.some((section) => section !== 'peerDependencies' && isObject(own(manifest, section)) && Object.keys(manifest[section]).length > 0);
}

export function workspacePatterns(managerName, manifest, settings) {
  if (managerName === 'pnpm') {
    const list = own(settings.pnpmWorkspace, 'packages');
    return Array.isArray(list) ? list : [];
  }
  const field = own(manifest, 'workspaces');
  if (Array.isArray(field)) return field;
  const list = own(field, 'packages');
  return Array.isArray(list) ? list : [];
}

/** The members of the project at `at`: [{path, manifest, problems}], in path order. */
export function findMembers({ folder, at, patterns, candidates, problems }) {
  if (patterns.length === 0) return [];
  // A manager would find members by these that are not found here: better to say so than to miss them.
  const strange = patterns.find((one) => typeof one === 'string' && (/[[\]]|[@+!?*]\(/.test(one) || /(^!?|\/)\.[^./]/.test(one)));
  if (strange !== undefined) problems.add('workspace-pattern', `The workspace pattern "${clean(strange, 100)}" cannot be read here, so its members are not known.`);
  const matches = workspaceMatcher(patterns);
  const members = [];
  for (const candidate of candidates) {
    if (candidate === at || !(at === '' || candidate.startsWith(`${at}/`))) continue;
    const relative = at === '' ? candidate : candidate.slice(at.length + 1);
    if (!matches(relative)) continue;
    if (members.length >= limits.members) {
      problems.add('too-many-members', `The workspace has more than ${limits.members} members; the rest is left out.`);
      break;
    }
    const read = readManifest(folder, candidate);
    if (read.missing) continue;
    for (const problem of read.problems) problems.add(problem.code, problem.text);
    const own_ = locks.filter((name) => folder.isFile(`${candidate}/${name}`));
    if (own_.length) problems.add('member-lockfile', `${candidate} is a member of the workspace and has a lockfile of its own (${own_.join(', ')}); only the root's is used.`);
    const foreign = !inRepository(candidates, candidate);
    if (foreign) problems.add('member-submodule', `${candidate} is a member of the workspace and a submodule: its manifest is another repository's and stays as it is.`);
    members.push({ path: candidate, relative, manifest: read.manifest, foreign });
  }
  return members;
}

/** {name: text} of a manifest, bounded. */
export function scriptsOf(manifest, cleanText) {
  const out = Object.create(null);
  const scripts = own(manifest, 'scripts');
  if (!isObject(scripts)) return out;
  for (const [name, text] of Object.entries(scripts).slice(0, limits.scripts)) {
    if (typeof text === 'string') out[clean(name, 200)] = cleanText(text, limits.scriptText);
  }
  return out;
}

const placeholder = /^\s*echo\s+\\?["']?Error: no test specified\\?["']?\s*(?:&&\s*exit 1)?\s*$/;
export const hasTests = (scripts) => typeof scripts.test === 'string' && scripts.test.trim() !== '' && !placeholder.test(scripts.test);

// what a manager runs by itself around an install
const hooks = ['pnpm:devPreinstall', 'preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];
export function hookWarning(folder, at, scripts, warnings) {
  const file = at === '' ? 'package.json' : `${at}/package.json`;
  const there = hooks.filter((name) => typeof scripts[name] === 'string');
  if (there.length) warnings.add('hooks', `${file} has scripts that an install runs: ${there.join(', ')}. They are not run by the survey.`, { file });
  const gyp = at === '' ? 'binding.gyp' : `${at}/binding.gyp`;
  if (!scripts.install && !scripts.preinstall && folder.isFile(gyp)) warnings.add('hooks', `${gyp} makes an install run node-gyp.`, { file: gyp });
}
