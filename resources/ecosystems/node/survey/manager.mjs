// Which package manager a project has, and which lockfile is its own.
//
// Rule: packageManager in package.json; devEngines.packageManager; the lockfile that is there; for a project below the root that has none: what the root's
// package.json says; pnpm-workspace.yaml or .yarnrc.yml; else npm. Several lockfiles and no word about the manager: pnpm-lock.yaml, then yarn.lock, then npm's,
// then Bun's. That is the order in which hosting services and package-manager-detector look, because a package-lock.json comes into being by one accidental
// `npm install`, the others only on purpose. npm-shrinkwrap.json comes before package-lock.json, as in npm itself.
import { clean, isObject, own } from './text.mjs';

const lockfiles = [['pnpm-lock.yaml', 'pnpm'], ['yarn.lock', 'yarn'], ['npm-shrinkwrap.json', 'npm'], ['package-lock.json', 'npm'], ['bun.lock', 'bun'], ['bun.lockb', 'bun']];

function parseName(text) {
  if (typeof text !== 'string') return null;
  const match = /^([a-z][a-z0-9-]{0,30})(?:@(.{1,200}))?$/.exec(text.trim());
  return match ? { name: match[1], version: match[2] ? clean(match[2].split('+')[0], 60) : null } : null;
}

function said(manifest, file) {
  const field = own(manifest, 'packageManager');
  const direct = parseName(field);
  if (direct) return { ...direct, from: `packageManager in ${file}` };
  const dev = own(own(manifest, 'devEngines'), 'packageManager');
  const first = Array.isArray(dev) ? dev[0] : dev;
  if (isObject(first) && typeof first.name === 'string') {
    const named = parseName(first.name);
    if (named) return { name: named.name, version: typeof first.version === 'string' ? clean(first.version, 60) : null, from: `devEngines.packageManager in ${file}` };
  }
  const volta = own(manifest, 'volta');
  for (const name of ['pnpm', 'yarn']) if (typeof own(volta, name) === 'string') return { name, version: clean(volta[name], 60), from: `volta in ${file}` };
  return null;
}

/** {manager, lockfile: file name or null, others}. `head` gives the first bytes of yarn.lock; `settings` are the project's. */
export function chooseManager({ folder, at, manifest, rootManifest, settings, warnings }) {
  const file = (name) => (at === '' ? name : `${at}/${name}`);
  const here = lockfiles.filter(([name]) => folder.isFile(file(name)));
  let choice = said(manifest, file('package.json'));
  if (!choice && here.length) choice = { name: here[0][1], version: null, from: file(here[0][0]) };
  if (!choice && at !== '' && rootManifest) choice = said(rootManifest, 'package.json');
  if (!choice && settings.pnpmWorkspace) choice = { name: 'pnpm', version: null, from: file('pnpm-workspace.yaml') };
  if (!choice && settings.yarnrc) choice = { name: 'yarn', version: '4', from: file('.yarnrc.yml') };
  if (!choice) choice = { name: 'npm', version: null, from: 'nothing in the repository names one' };

  const mine = here.filter(([, name]) => name === choice.name).map(([name]) => name);
  const lockfile = mine[0] ?? null;
  const others = here.map(([name]) => name).filter((name) => name !== lockfile);
  if (others.length && lockfile) {
    warnings.add('two-lockfiles', `${at === '' ? 'The repository' : at} has ${[lockfile, ...others].join(' and ')}. ${lockfile} is used (by ${choice.from === file(lockfile) ? 'the rule pnpm, Yarn, npm, Bun; npm-shrinkwrap.json before package-lock.json' : choice.from}); ${others.join(', ')} ${others.length > 1 ? 'are' : 'is'} left as it was.`, { file: file(lockfile) });
  } else if (others.length) {
    warnings.add('other-lockfile', `${choice.from} says ${choice.name}, but only ${others.join(', ')} is there; the project counts as one without a lockfile.`, { file: file(others[0]) });
  }

  let { name } = choice;
  if (name === 'yarn') name = yarnKind(choice.version, lockfile ? folder.read(file(lockfile), 64 << 20)?.text ?? '' : null, settings);
  const manager = { name, version: choice.version, from: choice.from, covered: true, why: '' };
  if (!['npm', 'pnpm', 'yarn-classic', 'yarn-berry'].includes(name)) {
    manager.covered = false;
    manager.why = name === 'bun' ? 'Bun is not covered.' : `The package manager ${clean(name, 40)} is not known here.`;
    if (name === 'bun') warnings.add('bun', `${at === '' ? 'The repository' : at} uses Bun (${choice.from}); Bun is not covered.`, { file: lockfile ? file(lockfile) : file('package.json') });
  }
  return { manager, lockfile, others };
}

function yarnKind(version, text, settings) {
  const major = /(\d+)/.exec(version ?? '')?.[1];
  if (major) return Number(major) === 1 ? 'yarn-classic' : 'yarn-berry';
  if (version && /^(stable|berry|latest|canary)$/.test(version)) return 'yarn-berry';
  if (text !== null) return /^__metadata:/m.test(text.slice(0, 5000)) ? 'yarn-berry' : 'yarn-classic';
  return settings.yarnrc ? 'yarn-berry' : 'yarn-classic';
}
