// Whether the versions that are installed now can still be loaded where the code loads them: a module that became an ES module, a path inside of a
// package that it no longer exports, a name that its module no longer gives. Reads node_modules and runs nothing of it.
// How Node resolves: https://nodejs.org/api/esm.html#resolution-algorithm-specification, https://nodejs.org/api/modules.html#all-together
import fs from 'node:fs';
import path from 'node:path';
import { modulePlaces } from './imports.mjs';
import { packageOf } from './uses.mjs';
import { nameOf } from './source.mjs';
import { Exports } from './exports.mjs';

const largest = 1 << 20, deepest = 20, mostPlaces = 500, longestPath = 1000, mostKeys = 10000;

/// The first Node versions of their lines in which require() takes an ES module without a flag.
export function requiresModules(node) {
  const [major, minor] = String(node ?? '').split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
}

/// What an entry of "exports" leads to: a path, or null where it leads nowhere. Hostile: bounded in depth.
function target(entry, conditions, star, depth = 0) {
  if (depth > deepest) return null;
  if (typeof entry === 'string') return entry.startsWith('./') && entry.length <= longestPath && star.length <= longestPath ? entry.replaceAll('*', () => star) : null;
  if (Array.isArray(entry)) {
    for (const one of entry.slice(0, 20)) {
      const found = target(one, conditions, star, depth + 1);
      if (found !== null) return found;
    }
    return null;
  }
  if (entry === null || typeof entry !== 'object') return null;
  for (const key of Object.keys(entry)) {
    if (key !== 'default' && !conditions.includes(key)) continue;
    const found = target(entry[key], conditions, star, depth + 1);
    if (found !== null || entry[key] === null) return found;
  }
  return null;
}

/// The file that "exports" gives for a subpath ("." or "./x"); null: it is not exported.
export function exported(field, subpath, conditions) {
  const isMap = field !== null && typeof field === 'object' && !Array.isArray(field) && Object.keys(field).some((key) => key.startsWith('.'));
  if (!isMap) return subpath === '.' ? target(field, conditions, '') : null;
  if (Object.hasOwn(field, subpath) && !subpath.includes('*')) return target(field[subpath], conditions, '');
  let best = null;
  for (const key of Object.keys(field).slice(0, mostKeys)) {
    const star = key.indexOf('*');
    if (star < 0 || key.indexOf('*', star + 1) >= 0) continue;
    const before = key.slice(0, star), after = key.slice(star + 1);
    if (!subpath.startsWith(before) || !subpath.endsWith(after) || subpath.length < key.length) continue;
    if (best === null || before.length > best.before.length || (before.length === best.before.length && key.length > best.key.length)) best = { key, before, after };
  }
  return best === null ? null : target(field[best.key], conditions, subpath.slice(best.before.length, subpath.length - best.after.length));
}

/// The packages in node_modules, found as Node does, never outside of \a folder.
class Installed {
  constructor(folder) {
    this.folder = fs.realpathSync(folder);
    this.known = new Map();
    this.manifests = new Map();
  }
  inside(whole) {
    try {
      const real = fs.realpathSync(whole);
      return real.startsWith(this.folder + path.sep) ? real : null;
    } catch { return null; }
  }
  manifest(file) {
    if (!this.manifests.has(file)) {
      let read = null;
      try {
        const info = fs.lstatSync(file);
        if (info.isFile() && info.size <= largest) read = JSON.parse(fs.readFileSync(file, 'utf8'));
      } catch { /* as if there were none */ }
      this.manifests.set(file, read !== null && typeof read === 'object' ? read : null);
    }
    return this.manifests.get(file);
  }
  /// {root, manifest} of the package as a file of the project finds it; null: it is not installed as a folder.
  find(name, file) {
    for (let at = path.posix.dirname(file); ; at = path.posix.dirname(at)) {
      const key = `${at}\0${name}`;
      if (!this.known.has(key)) {
        const root = this.inside(path.join(this.folder, at, 'node_modules', name));
        const manifest = root && this.manifest(path.join(root, 'package.json'));
        this.known.set(key, manifest ? { root, manifest } : null);
      }
      const found = this.known.get(key);
      if (found) return found;
      if (at === '.' || at === '/') return null;
    }
  }
  isFile(whole) { return fs.lstatSync(whole, { throwIfNoEntry: false })?.isFile() === true && this.inside(whole) !== null; }
  /// The file that a path without "exports" leads to for require(); null: none.
  legacy(root, relative) {
    const whole = path.join(root, relative);
    for (const end of ['', '.js', '.json', '.node']) if (this.isFile(whole + end)) return whole + end;
    const inner = this.manifest(path.join(whole, 'package.json'))?.main;
    for (const end of typeof inner === 'string' ? [inner, `${inner}.js`, path.join(inner, 'index.js'), 'index.js'] : ['index.js', 'index.json', 'index.node']) if (this.isFile(path.join(whole, end))) return path.join(whole, end);
    return null;
  }
  /// Whether Node takes a file for an ES module.
  isModule(root, file) {
    const extension = path.extname(file);
    if (extension === '.mjs') return true;
    if (extension !== '.js') return false;
    for (let at = path.dirname(file); at.startsWith(root); at = path.dirname(at)) {
      const manifest = this.manifest(path.join(at, 'package.json'));
      if (manifest) return manifest.type === 'module';
    }
    return false;
  }
}

const isTypeScript = (file) => /\.([cm]?ts|tsx|vue|svelte)$/.test(file);

/// The names that one place asks a module for by name, with the nodes that do: import { a }, export { a } from, const { a } = require().
function askedNames(node, kind) {
  if (kind === 'import' || kind === 'type' || kind === 'export')
    return (node.specifiers ?? []).flatMap((one) => one.type === 'ImportSpecifier' ? [[one, nameOf(one.imported)]] : one.type === 'ExportSpecifier' ? [[one, nameOf(one.local)]] : one.type === 'ImportDefaultSpecifier' ? [[one, 'default']] : []);
  const holder = node.parent?.type === 'VariableDeclarator' && node.parent.init === node ? node.parent.id : null;
  return kind === 'require' && holder?.type === 'ObjectPattern' ? holder.properties.flatMap((one) => one.type === 'Property' && !one.computed ? [[one, nameOf(one.key)]] : []) : [];
}

/// [{package, kind: 'es-module' | 'not-exported' | 'no-such-name', places: [{file, line, text}], sure}]; names: the packages that moved.
export function findBroken(project, names, node) {
  const installed = new Installed(project.folder);
  const exports = new Exports(installed);
  const found = new Map();
  const takesModules = requiresModules(node);
  const note = (name, kind, sure, place) => {
    const key = `${name}\0${kind}\0${sure}`;
    if (!found.has(key)) found.set(key, { package: name, kind, sure, places: [] });
    if (found.get(key).places.length < mostPlaces) found.get(key).places.push(place);
  };
  for (const file of project.files()) {
    const text = project.texts.get(file);
    if (!names.some((name) => text.includes(name))) continue;
    const source = project.source(file);
    if (!source || source.isJson) continue;
    for (const { node: at, specifier, kind } of modulePlaces(source)) {
      const name = packageOf(specifier);
      if (!name || !names.includes(name) || kind === 'mock') continue;
      const here = installed.find(name, file);
      if (!here) continue;
      const subpath = specifier === name ? '.' : `.${specifier.slice(name.length)}`;
      const place = { file, line: source.line(at), text: specifier };
      const asked = askedNames(at, kind);
      if (asked.length) {
        // A compiler goes by the declarations, Node by the module itself; of what require() gets only the declarations tell, and only perhaps.
        const typed = isTypeScript(file), requires = kind === 'require';
        const from = typed || requires ? exports.typesOf(here, subpath) : exports.moduleOf(here, subpath);
        const given = from === null ? null : exports.of(from);
        if (given !== null) for (const [where, one] of asked) {
          if (given.has(one) || (one === 'default' && (typed || requires))) continue;
          note(name, 'no-such-name', !requires, { file, line: source.line(where), text: one });
        }
      }
      if (kind === 'type') continue;
      const field = here.manifest.exports;
      const isRequire = kind === 'require';
      let loaded;
      if (field !== undefined && field !== null) {
        const relative = exported(field, subpath, isRequire ? ['node', 'require', ...(takesModules ? ['module-sync'] : [])] : ['node', 'import']);
        // what only the other way of loading gets is there, and only for that
        if (relative === null && exported(field, subpath, isRequire ? ['node', 'import'] : ['node', 'require']) === null) { note(name, 'not-exported', true, place); continue; }
        loaded = relative === null ? null : path.join(here.root, relative);
        if (relative === null && isRequire) { note(name, 'es-module', true, place); continue; }
      } else {
        const main = typeof here.manifest.main === 'string' && here.manifest.main !== '' ? here.manifest.main : '.';
        loaded = installed.legacy(here.root, subpath === '.' ? main : subpath) ?? (subpath === '.' ? installed.legacy(here.root, '.') : null);
        if (loaded === null && subpath !== '.') { note(name, 'not-exported', true, place); continue; }
      }
      if (isRequire && loaded && installed.isModule(here.root, loaded)) note(name, 'es-module', !takesModules, place);
    }
  }
  return [...found.values()];
}
