// pnpm-lock.yaml, versions 5.x, 6.x and 9.0. Peer suffixes are dropped: one entry per name and version.
import { hostOf, isObject, own } from './text.mjs';

const withoutPeers = (text) => {
  const open = text.indexOf('(');
  return open < 0 ? text : text.slice(0, open);
};

export function readPnpmLock(lock, file, semver) {
  if (!isObject(lock)) throw new Error('it is not a mapping.');
  const version = String(own(lock, 'lockfileVersion') ?? '').slice(0, 10);
  const major = parseInt(version, 10);
  const problems = [];
  if (!(major >= 5 && major <= 9)) throw new Error(`its version (${version || 'none'}) is not one of 5, 6 and 9.`);

  /** "name@version" and what it is, from a key of `packages` or a reference below a dependency's name. */
  function parseId(text) {
    let id = withoutPeers(text);
    if (major < 9 && id.startsWith('/')) id = id.slice(1);
    const at = id.indexOf('@', 1);
    if (major === 5) {
      const slash = id.lastIndexOf('/');
      if (slash > 0) {
        const bare = id.slice(slash + 1).split('_')[0];
        const name = id.slice(0, slash);
        // registry.example/name/1.0.0: a host stands before the name
        if (semver.valid(bare)) {
          const parts = name.split('/');
          const proper = text.startsWith('/') ? name : parts.slice(1).join('/') || name;
          return { name: proper, version: bare, registry: true, host: text.startsWith('/') ? null : parts[0] };
        }
      }
    } else if (at > 0) {
      const name = id.slice(0, at), rest = id.slice(at + 1);
      return { name, version: rest, registry: semver.valid(rest) !== null, host: null };
    }
    return { name: id, version: null, registry: false, host: null };
  }
  const idOf = (parsed) => (parsed.version === null ? parsed.name : `${parsed.name}@${parsed.version}`);

  /** The entry that `key: reference` stands for. */
  function refer(key, reference) {
    if (typeof reference !== 'string' || reference.length > 20000) return null;
    if (reference.startsWith('link:')) return 'link';
    const bare = withoutPeers(reference);
    const plain = major === 5 ? bare.split('_')[0] : bare;
    if (semver.valid(plain)) return `${key}@${plain}`;
    const direct = idOf(parseId(reference));
    if (entries.has(direct)) return direct;
    return entries.has(`${key}@${plain}`) ? `${key}@${plain}` : null;
  }

  const entries = new Map();
  let hasResolved = false;
  const list = isObject(lock.packages) ? lock.packages : {};
  const snapshots = major >= 9 && isObject(lock.snapshots) ? lock.snapshots : list;
  for (const key of Object.keys(list)) {
    const parsed = parseId(key);
    const item = list[key];
    const id = idOf(parsed);
    if (entries.has(id)) continue;
    const tarball = own(own(item, 'resolution'), 'tarball');
    const declared = own(item, 'version');
    if (tarball) hasResolved = true;
    entries.set(id, {
      id, name: typeof own(item, 'name') === 'string' ? item.name : parsed.name, version: parsed.registry ? parsed.version : typeof declared === 'string' ? declared : parsed.version,
      registry: parsed.registry, host: parsed.host ?? hostOf(tarball), resolved: null, raw: [], asks: null,
    });
  }
  for (const key of Object.keys(snapshots)) {
    const entry = entries.get(idOf(parseId(key)));
    if (entry) entry.raw.push(snapshots[key]);
  }
  for (const entry of entries.values()) {
    entry.asks = () => {
      const out = new Map(); // the lockfile does not keep in which range it was asked for
      for (const item of entry.raw) {
        for (const field of ['dependencies', 'optionalDependencies']) {
          const names = own(item, field);
          if (isObject(names)) for (const name of Object.keys(names)) { const id = refer(name, names[name]); if (id && id !== 'link') out.set(`${name} ${id}`, { id, key: name, range: null }); }
        }
      }
      return [...out.values()];
    };
  }

  const importers = isObject(lock.importers) ? lock.importers : { '.': lock };
  function place(dir, key) {
    const importer = own(importers, dir === '' ? '.' : dir);
    if (importer === undefined) return null;
    for (const field of ['dependencies', 'optionalDependencies', 'devDependencies']) {
      const value = own(own(importer, field), key);
      if (typeof value === 'string') return { version: value, specifier: own(own(importer, 'specifiers'), key) ?? null };
      if (isObject(value)) return { version: own(value, 'version'), specifier: own(value, 'specifier') ?? null };
    }
    return null;
  }
  function find(dir, key) {
    const found = place(dir, key);
    if (!found) return null;
    const id = refer(key, found.version);
    if (id === 'link') return { link: true };
    const entry = id ? entries.get(id) ?? (semver.valid(id.slice(id.lastIndexOf('@') + 1)) ? { id, name: key, version: id.slice(id.lastIndexOf('@') + 1), registry: true, host: null, asks: () => [] } : null) : null;
    return entry ? { entry } : null;
  }
  const specifier = (dir, key) => {
    const text = place(dir, key)?.specifier;
    return typeof text === 'string' ? text : null;
  };
  return {
    version, entries, find, specifier, hasResolved, problems, strict: true,
    // a file that names nothing yet: whatever is installed is new
    empty: entries.size === 0 && Object.values(importers).every((one) => ['dependencies', 'optionalDependencies', 'devDependencies'].every((field) => !isObject(own(one, field)) || Object.keys(one[field]).length === 0)),
    needsCode: own(lock, 'pnpmfileChecksum') !== undefined && own(lock, 'pnpmfileChecksum') !== '',
    hasImporter: (dir) => own(importers, dir === '' ? '.' : dir) !== undefined,
  };
}
