// Which program moves a project's lockfile: the version that the project says, else one that writes the lockfile as it stands.
// npm is the image's own. The others come from the registry when they are needed, by package name and version.
import { leadingOut } from './outside.mjs';
import { clean, isObject, own } from './text.mjs';
import { satisfies, validRange } from './tools.mjs';

// settings of pnpm-workspace.yaml that pnpm 9 reads; whoever has others has a later one
const oldWorkspaceKeys = new Set(['packages', 'catalog', 'catalogs']);

/** {package, versions: in order of preference, at most 4} or null for the image's own; `problem` where there is none. */
export function chooseTool({ manager, lock, settings, manifest, semver, npmVersion }) {
  if (!manager.covered) return { tool: null };
  if (manager.name === 'npm') return npmTool(manager, semver, npmVersion);
  const written = lock && !lock.broken ? Number.parseInt(lock.version, 10) : null;
  const stated = statedVersion(manager, manifest, settings, semver);
  const major = stated === null ? null : lowest(semver, stated)?.major ?? null;
  if (manager.name === 'pnpm') {
    // what cannot read the lockfile as it is would write another one, with other versions
    const readers = written === 5 ? [7] : written === 6 ? [8] : written === null ? [7, 8, 9, 10, 11] : [9, 10, 11];
    const fitting = written === 5 ? '7' : written === 6 ? '8' : written === null ? '10' : needsTen(settings) ? '10' : '9';
    if (major !== null && major > 11) return { tool: { package: 'pnpm', versions: ['11'] }, note: `${manager.from} asks for pnpm ${clean(stated, 40)}, which is not covered; pnpm 11 was used, which writes the same lockfile.` };
    if (major !== null && !readers.includes(major)) return { tool: { package: 'pnpm', versions: [fitting] }, note: `${manager.from} asks for pnpm ${clean(stated, 40)}, which ${lock && !lock.broken ? `does not write ${lock.file} as it is (version ${clean(lock.version, 20)})` : 'is not covered'}; pnpm ${fitting} was used.` };
    return { tool: { package: 'pnpm', versions: order(stated, major === null ? fitting : String(major), fitting) } };
  }
  if (manager.name === 'yarn-classic') {
    // older ones obey more of the repository's settings than can be switched off
    if (stated !== null && major === 1 && !satisfies(semver, lowest(semver, stated), '>=1.22.0')) return { tool: { package: 'yarn', versions: ['1'] }, note: `${manager.from} asks for Yarn ${clean(stated, 40)}; the newest Yarn 1 was used, which writes the same lockfile.` };
    return { tool: { package: 'yarn', versions: order(stated, '1') } };
  }
  const fitting = written === null || written === 10 ? '4' : written === 8 ? '>=4.0.2 <4.13.0' : written === 6 ? '3' : null;
  if (fitting === null || (stated !== null && major < 3)) {
    return { tool: null, problem: `${lock && !lock.broken ? `${lock.file} has version ${clean(lock.version, 20)}` : `${manager.from} asks for Yarn ${clean(stated ?? '', 40)}`}, which no Yarn writes that can be had here (3.8, 4). Move the project to one of these first.` };
  }
  return { tool: { package: '@yarnpkg/cli-dist', versions: order(stated, fitting) } };
}

/** The image's own npm, unless package.json asks for another (packageManager, devEngines): npm itself refuses to work then. */
function npmTool(manager, semver, here) {
  const asked = typeof manager.version === 'string' ? semver.valid(manager.version) ?? (manager.version.length < 60 ? validRange(semver, manager.version) : null) : null;
  if (asked === null || !here || satisfies(semver, here, semver.valid(asked) ? `^${asked}` : asked)) return { tool: null };
  const major = lowest(semver, asked)?.major ?? 0;
  // older ones do not run on the Node that runs the managers, and write other lockfiles
  if (major < 8) return { tool: null, note: `${manager.from} asks for npm ${clean(manager.version, 40)}, which is too old to be run here; npm ${here} was used.` };
  return { tool: { package: 'npm', versions: order(semver.valid(asked) ? asked : manager.version.trim(), String(major)) } };
}

function lowest(semver, range) {
  try { return semver.minVersion(range, { loose: true }); } catch { return null; }
}

const order = (...versions) => [...new Set(versions.filter((one) => one !== null))].slice(0, 4);

function needsTen(settings) {
  return isObject(settings.pnpmWorkspace) && Object.keys(settings.pnpmWorkspace).some((key) => !oldWorkspaceKeys.has(key));
}

/** A version or a range that the project says, as it stands; null where it says none that can be read. */
function statedVersion(manager, manifest, settings, semver) {
  const path = own(settings.yarnrc, 'yarnPath');
  const file = typeof path === 'string' ? /yarn-(\d+\.\d+\.\d+[\w.-]{0,40})\.c?js$/.exec(path)?.[1] : null;
  const engine = own(own(manifest, 'engines'), manager.name === 'pnpm' ? 'pnpm' : 'yarn');
  for (const text of [manager.version, manager.name === 'yarn-berry' ? file : null, engine]) {
    if (typeof text !== 'string') continue;
    const one = semver.valid(text) ?? (text.length < 60 && validRange(semver, text) !== null && text.trim() !== '*' ? text.trim() : null);
    if (one === null || /^-/.test(one)) continue;
    // "4" of a manager that the folder's files say is no version of a tool but a guess
    if (manager.name === 'yarn-berry' && /^\d+$/.test(one)) continue;
    // a range without an upper end says what is too old, not what is there
    try { if (!semver.valid(one) && semver.intersects(one, '>=999.0.0', { loose: true })) continue; } catch { continue; }
    return one;
  }
  return null;
}

/** Why a project's lockfile cannot be moved without code or files of the repository: [code, sentence] or null. */
export function toolObstacle({ folder, at, members, manager, manifest, lock, settings }) {
  const file = (name) => (at === '' ? name : `${at}/${name}`);
  const outside = leadingOut({ folder, at, members, manager, manifest, settings });
  if (outside !== null) return ['outside-setting', `${outside}: nothing may be installed outside of the project, where the job's own tools are.`];
  const apart = [own(settings.settings, 'shared-workspace-lockfile'), own(settings.pnpmWorkspace, 'sharedWorkspaceLockfile')].some((value) => value === false || value === 'false');
  if (manager.name === 'pnpm' && members.length && apart) return ['separate-lockfiles', `Its members have a lockfile each (shared-workspace-lockfile=false in .npmrc or pnpm-workspace.yaml), which is not covered: one lockfile for all of them is.`];
  if (manager.name === 'pnpm' && lock && !lock.broken) {
    const hook = ['.pnpmfile.cjs', '.pnpmfile.mjs', 'pnpmfile.js'].find((name) => folder.isFile(file(name)));
    if (lock.needsCode || (hook && Number.parseInt(lock.version, 10) < 6)) {
      return ['needs-code', `${lock.file} was made with ${hook ? file(hook) : 'a pnpmfile'}, which is code of the repository and is not run while there is a network. Without it the lockfile would be resolved differently.`];
    }
  }
  if (manager.name === 'yarn-berry') {
    const shown = ['.pnp.cjs', '.pnp.js', '.pnp.loader.mjs'].find((name) => folder.isFile(file(name)));
    if (shown) return ['zero-install', `${file(shown)} is part of the repository (Yarn's zero-installs); the packages themselves would have to be committed with every update, which is not covered.`];
  }
  if (manager.name === 'yarn-classic' && settings.offlineMirror) return ['offline-mirror', `${file('.yarnrc')} keeps the packages themselves in the repository (yarn-offline-mirror), which is not covered.`];
  return null;
}

/** Whether an install puts packages into node_modules. */
export function hasModules(manager, settings) {
  const linker = own(settings.settings, 'node-linker');
  if (manager.name === 'yarn-berry') return linker === 'node-modules' || linker === 'pnpm';
  return linker !== 'pnp';
}
