// package-lock.json and npm-shrinkwrap.json, versions 1 to 3. Version 1 is brought into the shape of the others first.
import { clean, hostOf, isObject, own, registryAddress } from './text.mjs';

export function readNpmLock(lock, file, semver) {
  if (!isObject(lock)) throw new Error('it is not an object.');
  const written = own(lock, 'lockfileVersion');
  const version = typeof written === 'number' || typeof written === 'string' ? String(written).slice(0, 10) : '1';
  const problems = [];
  let packages = own(lock, 'packages');
  const old = !isObject(packages);
  if (old) packages = fromVersion1(own(lock, 'dependencies'), problems, file);
  else packages = new Map(Object.entries(packages));

  const entries = new Map();
  let hasResolved = false;
  for (const [location, item] of packages) {
    if (location === '' || !isObject(item) || item.link === true) continue;
    const at = location.lastIndexOf('node_modules/');
    if (at < 0) continue; // a member, or a folder that file: points to
    const name = typeof item.name === 'string' ? item.name : location.slice(at + 'node_modules/'.length);
    const resolved = own(item, 'resolved');
    const proper = typeof item.version === 'string' && semver.valid(item.version) !== null;
    const registry = proper && registryAddress(resolved);
    if (registry && typeof resolved === 'string') hasResolved = true;
    const other = registry && disagreement(semver, name, item.version, resolved);
    if (other && problems.length < 20) problems.push({ code: 'invalid-lockfile', text: `${file} has ${clean(name, 214)} ${clean(item.version, 80)}, but fetches ${clean(other, 200)} for it: an install would bring something else than it says. Make the lockfile anew.` });
    entries.set(location, {
      id: location, name, version: typeof item.version === 'string' ? item.version.slice(0, 256) : null, registry, host: hostOf(resolved),
      resolved: typeof resolved === 'string' ? resolved.slice(0, 500) : null, bundled: own(item, 'inBundle') === true,
      asks: () => edges(location, item),
    });
  }

  /** Where `key` is found from `location`, as Node looks for it. */
  function lookUp(location, key) {
    let at = location;
    for (let steps = 0; steps < 100; steps++) {
      const candidate = at === '' ? `node_modules/${key}` : `${at}/node_modules/${key}`;
      if (packages.has(candidate)) return candidate;
      if (at === '') return null;
      const inner = at.lastIndexOf('/node_modules/');
      const slash = at.lastIndexOf('/');
      at = at.startsWith('node_modules/') && inner < 0 ? '' : inner >= 0 ? at.slice(0, inner) : slash < 0 ? '' : at.slice(0, slash);
    }
    return null;
  }

  function edges(location, item) {
    const out = [];
    for (const field of ['dependencies', 'optionalDependencies', 'peerDependencies']) {
      const names = own(item, field);
      if (!isObject(names)) continue;
      for (const key of Object.keys(names)) {
        const found = lookUp(location, key);
        if (found !== null && entries.has(found)) out.push({ id: found, key, range: typeof names[key] === 'string' ? names[key] : null });
      }
    }
    return out;
  }

  function find(dir, key) {
    const location = lookUp(dir, key);
    if (location === null) return null;
    const item = packages.get(location);
    if (isObject(item) && item.link === true) return { link: true };
    const entry = entries.get(location);
    return entry ? { entry } : null;
  }

  function specifier(dir, key) {
    if (old) return null;
    const manifest = packages.get(dir);
    for (const field of ['dependencies', 'optionalDependencies', 'devDependencies', 'peerDependencies']) {
      const range = own(own(manifest, field), key);
      if (typeof range === 'string') return range;
    }
    return null;
  }
  return { version, entries, find, specifier, hasResolved, problems };
}

/** The file that is fetched, where its name says another package or version; else null. */
function disagreement(semver, name, version, resolved) {
  if (typeof resolved !== 'string') return null;
  const file = /\/-\/([^/?#]{1,300})\.t(?:ar\.)?gz(?:[?#]|$)/.exec(resolved)?.[1];
  if (file === undefined) return null;
  const start = `${name.split('/').pop()}-`;
  if (!file.startsWith(start)) return file;
  const there = semver.parse(file.slice(start.length));
  return there === null || there.compare(version) === 0 ? null : file;
}

/** The tree of version 1 as a map of locations. Without recursion, because the nesting is the repository's choice. */
function fromVersion1(tree, problems, file) {
  const packages = new Map();
  const todo = [['', tree, 0]];
  while (todo.length) {
    const [base, level, depth] = todo.pop();
    if (!isObject(level)) continue;
    for (const [name, item] of Object.entries(level)) {
      if (!isObject(item)) continue;
      const location = base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`;
      let version = typeof item.version === 'string' ? item.version : undefined;
      let inner = location;
      const made = { version, resolved: item.resolved, inBundle: item.bundled === true, dependencies: isObject(item.requires) ? item.requires : undefined };
      if (version?.startsWith('file:') && !/\.t(?:ar\.)?gz$/.test(version)) {
        made.link = true;
        inner = version.slice(5).replace(/^\.\//, '');
        packages.set(inner, { dependencies: made.dependencies });
      } else if (version?.startsWith('npm:')) {
        const at = version.lastIndexOf('@');
        if (at > 4) { made.name = version.slice(4, at); made.version = version.slice(at + 1); }
      } else if (version && /[:/]/.test(version)) made.resolved = version;
      packages.set(location, made);
      if (isObject(item.dependencies)) {
        if (depth > 100) problems.push({ code: 'invalid-lockfile', text: `${file} is nested deeper than 100 levels; what lies below is left out.` });
        else todo.push([inner, item.dependencies, depth + 1]);
      }
    }
  }
  return packages;
}
