// What would make a manager write somewhere else than into the project: settings (settings.mjs), links that the repository brings along where a manager
// keeps what it installs, and pnpm's patches, which older versions apply wherever their headers lead.
import path from 'node:path';
import { clean, isObject, limits, own } from './text.mjs';

const places = ['node_modules', '.yarn', '.yarn/cache', '.yarn/unplugged', '.yarn/install-state.gz', '.yarn/build-state.yml', '.pnp.cjs', '.pnp.loader.mjs', '.pnpm-store',
  'package.json', 'package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'pnpm-workspace.yaml'];
const mostPackages = 20000, mostPatches = 500;

/** The first of these places, or of the packages in a committed node_modules, that is a link to somewhere else than the repository; null: none is. */
function linkIn(folder, at) {
  const inProject = (name) => (at === '' ? name : `${at}/${name}`);
  for (const place of places) if (folder.leadsOut(inProject(place))) return inProject(place);
  const modules = inProject('node_modules');
  let left = mostPackages;
  const look = (below) => {
    for (const name of folder.list(below, left)) {
      left--;
      const one = `${below}/${name}`;
      if (folder.leadsOut(one)) return one;
      if (below === modules && (name.startsWith('@') || name === '.pnpm' || name === '.store')) {
        const found = look(one);
        if (found !== null) return found;
      }
    }
    return null;
  };
  return look(modules);
}

const header = /^(?:diff --git |--- |\+\+\+ |(?:rename|copy) (?:from|to) )(.*)$/gm;

/** Whether a patch's headers name files outside of the package that it is for, or make a link. Quoted names are not read. */
function patchLeadsOut(text) {
  if (/^(?:new file|new|old) mode 12/m.test(text)) return true;
  for (const [, rest] of text.matchAll(header)) {
    if (rest.includes('"')) return true;
    for (const name of rest.split(/\s+/)) {
      if (name === '/dev/null') continue;
      if (name.startsWith('/') || name.split(/[/\\]/).includes('..')) return true;
    }
  }
  return false;
}

function patchOutside(folder, at, manifest, settings) {
  for (const patches of [own(own(manifest, 'pnpm'), 'patchedDependencies'), own(settings.pnpmWorkspace, 'patchedDependencies')]) {
    if (!isObject(patches)) continue;
    for (const [name, file] of Object.entries(patches).slice(0, mostPatches)) {
      if (typeof file !== 'string' || path.posix.isAbsolute(file) || file.split(/[/\\]/).includes('..')) return `The patch of ${clean(name, 214)} lies outside of the project (${clean(String(file), 100)})`;
      const found = folder.read(at === '' ? file : `${at}/${file}`, limits.patch);
      if (found?.error) return found.error.replace(/\.$/, '');
      if (found?.text !== undefined && patchLeadsOut(found.text)) return `${clean(file, 200)} changes files outside of the package that it is for, or makes a link`;
    }
  }
  return null;
}

/** Why nothing may be installed here, as the beginning of a sentence; null: nothing leads out. */
export function leadingOut({ folder, at, members, manager, manifest, settings }) {
  if (manager.name === 'pnpm' && settings.outside) return settings.outside;
  for (const place of [at, ...members.map((one) => one.path)]) {
    const link = linkIn(folder, place);
    if (link !== null) return `${clean(link, 300)} is a link to something outside the repository, where a package manager would write`;
  }
  return manager.name === 'pnpm' ? patchOutside(folder, at, manifest, settings) : null;
}
