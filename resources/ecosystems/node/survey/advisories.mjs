// One question for all that is installed. "checked" only after an answer that has the right shape.
import zlib from 'node:zlib';
import { promisify } from 'node:util';
import { clean, isObject, limits, own } from './text.mjs';
import { satisfies, validRange } from './tools.mjs';

const gzip = promisify(zlib.gzip);
const steps = 20000000; // how far `via` may look in all

const notChecked = (note) => ({ state: 'not-checked', note: clean(note, 300), list: [] });

export async function checkAdvisories({ lock, direct, registry, base, isPublic, tools, enabled }) {
  if (!enabled) return notChecked('It was not asked for.');
  if (!lock) return notChecked('There is no lockfile, so it is not known what is installed.');
  if (lock.broken) return notChecked('The lockfile cannot be read.');
  const installed = new Map(); // name -> Map version -> [ids]
  let skipped = 0;
  for (const entry of lock.entries.values()) {
    if (!entry.registry || entry.version === null || entry.name.length > 214) continue;
    if (!isPublic(entry)) { skipped++; continue; } // the name of a private package is told to nobody else
    const versions = installed.get(entry.name) ?? new Map();
    const ids = versions.get(entry.version) ?? [];
    ids.push(entry.id);
    versions.set(entry.version, ids);
    installed.set(entry.name, versions);
  }
  const note = skipped ? `${skipped} packages of other registries were not asked about.` : '';
  if (installed.size === 0) return notChecked(note || 'The lockfile lists nothing that comes from the registry.');
  if (installed.size > limits.advisoryPackages) return notChecked(`More than ${limits.advisoryPackages} packages are installed.`);

  const question = Object.create(null);
  for (const [name, versions] of installed) question[name] = [...versions.keys()];
  let answer;
  try {
    const body = await gzip(JSON.stringify(question));
    const got = await registry.request(`${base}-/npm/v1/security/advisories/bulk`, {
      method: 'POST', body, most: 32 << 20, headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', accept: 'application/json' },
    });
    if (got.status !== 200) return notChecked(`The registry answers ${got.status} to the question about advisories.`);
    answer = JSON.parse(got.body.toString('utf8'));
  } catch (failure) {
    return notChecked(`The registry gave no answer about advisories: ${failure instanceof SyntaxError ? 'it cannot be read' : failure.message}.`);
  }
  if (!isObject(answer) || 'error' in answer) return notChecked('The answer about advisories is not of the known shape.');

  const list = [];
  const back = graph(lock, direct);
  for (const [name, found] of Object.entries(answer)) {
    if (!installed.has(name)) return notChecked('The answer about advisories names a package that was not asked about.');
    if (!Array.isArray(found)) return notChecked('The answer about advisories is not of the known shape.');
    for (const one of found.slice(0, 500)) {
      const range = own(one, 'vulnerable_versions');
      if (validRange(tools.semver, range) === null) return notChecked(`An advisory about ${name} has no range that can be read.`);
      const versions = installed.get(name);
      const hit = [...versions.keys()].filter((version) => tools.semver.satisfies(version, range, { loose: true, includePrerelease: true }) || satisfies(tools.semver, version, range));
      if (hit.length === 0) continue;
      if (list.length >= limits.advisories) return notChecked(`There are more than ${limits.advisories} advisories.`);
      const ids = hit.flatMap((version) => versions.get(version));
      const url = own(one, 'url');
      list.push({
        package: name, versions: hit.slice(0, 100), direct: ids.some((id) => direct.has(id)), severity: ['info', 'low', 'moderate', 'high', 'critical'].includes(one.severity) ? one.severity : 'unknown',
        title: clean(own(one, 'title') ?? '', 300), url: typeof url === 'string' && /^https:\/\//.test(url) ? clean(url, 300) : '', range: clean(range, 300), via: back(ids),
      });
    }
  }
  const order = ['critical', 'high', 'moderate', 'low', 'info', 'unknown'];
  list.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || (a.package < b.package ? -1 : a.package > b.package ? 1 : 0));
  return { state: 'checked', note, list };
}

/** Which direct dependencies bring these entries: searched backwards. */
function graph(lock, direct) {
  let reverse = null;
  let left = steps;
  const known = new Map();
  return (ids) => {
    const key = ids.join('\n');
    if (known.has(key)) return known.get(key);
    if (!reverse) {
      reverse = new Map();
      for (const entry of lock.entries.values()) {
        for (const { id: to } of entry.asks()) {
          const list = reverse.get(to);
          if (list) list.push(entry.id); else reverse.set(to, [entry.id]);
          if (--left < 0) break;
        }
      }
    }
    const seen = new Set(ids);
    const todo = [...ids];
    const names = new Set();
    while (todo.length && left > 0) {
      const id = todo.pop();
      for (const name of direct.get(id) ?? []) names.add(name);
      for (const from of reverse.get(id) ?? []) {
        left--;
        if (!seen.has(from)) { seen.add(from); todo.push(from); }
      }
    }
    const out = [...names].sort().slice(0, 100).map((name) => clean(name, 214));
    known.set(key, out);
    return out;
  };
}
