// What an advisory about an indirect dependency can be mended by: a move of the lockfile alone, within the ranges of all that ask for it. One entry per
// package and installed version, in the shape of a dependency without places; each such advisory gets `fix`, a sentence.
import { clean, limits, own } from './text.mjs';
import { satisfies, validRange } from './tools.mjs';
import { evaluate, addFull, pickVersion } from './candidates.mjs';

const mostParents = 300; // documents that are asked for because a lockfile does not keep ranges (pnpm)
const mostEdges = 2000000;

/** Fills `fix` of the advisories and returns the moves. `judging`: node, promise, asked, as for evaluate(). */
export async function lockfileMoves({ project, lock, direct, overridden, advisories, registry, registryFor, semver, judging, now, counter }) {
  if (advisories.state !== 'checked' || !lock || lock.broken) return [];
  const indirect = advisories.list.filter((one) => !one.direct);
  if (indirect.length === 0) return [];
  const documents = new Map();
  const documentOf = async (name, hosts) => {
    if (!documents.has(name)) {
      const place = registryFor(name, hosts);
      const got = place.url === null || documents.size >= mostParents + limits.advisories ? {} : await registry.packument(place.url, name, false, 60000);
      documents.set(name, { document: got.document ?? null, url: place.url });
    }
    return documents.get(name);
  };
  const wanted = new Map(); // name -> version -> advisories
  for (const one of indirect) {
    const versions = wanted.get(one.package) ?? new Map();
    for (const version of one.versions) versions.set(version, [...(versions.get(version) ?? []), one]);
    wanted.set(one.package, versions);
  }
  const byName = new Map([...wanted.keys()].map((name) => [name, []]));
  for (const entry of lock.entries.values()) byName.get(entry.name)?.push(entry);
  const parents = parentsOf(lock, wanted);
  const moves = [];
  let asked = 0;
  for (const [name, versions] of wanted) {
    const known = advisories.list.filter((one) => one.package === name);
    for (const [version, list] of versions) {
      const entries = byName.get(name).filter((one) => one.version === version);
      const say = (text) => { for (const one of list) one.fix = clean(text, 400); };
      if (entries.some((one) => direct.has(one.id))) continue; // then it is a direct dependency's own move
      if (overridden.has(name)) { say(`An override of the project says which ${name} is installed.`); continue; }
      if (project.manager.name === 'pnpm' && [...direct.values()].some((names) => names.has(name))) { say(`The project names ${name} itself at another version; move that, or add an override.`); continue; }
      const bundled = entries.find((one) => one.bundled);
      if (bundled) { say(`${name} ${version} comes inside of another package, so only that one's makers can move it.`); continue; }
      const ranges = new Map(); // range -> who asks
      let unknown = null;
      for (const { from, key, range } of entries.flatMap((one) => parents.get(one.id) ?? [])) {
        let text = range;
        if (text === null) {
          if (++asked > mostParents) { unknown = from; break; }
          const { document } = await documentOf(from.name, from.host ? [from.host] : []);
          const item = own(document?.versions, from.version);
          text = own(own(item, 'dependencies'), key) ?? own(own(item, 'optionalDependencies'), key) ?? own(own(item, 'peerDependencies'), key) ?? null;
        }
        if (typeof text !== 'string' || validRange(semver, text) === null) { unknown = from; break; }
        ranges.set(text, from);
      }
      if (unknown !== null || ranges.size === 0) { say(unknown === null ? `Nothing in the lockfile asks for ${name} ${version}.` : `It is not known in which range ${unknown.name} ${unknown.version} asks for ${name}.`); continue; }
      const { document, url } = await documentOf(name, []);
      if (document === null) { say(`${name} could not be asked for.`); continue; }
      const vulnerable = (text) => known.some((one) => semver.satisfies(text, one.range, { loose: true, includePrerelease: true }) || satisfies(semver, text, one.range));
      const picks = [...ranges].map(([range, from]) => ({ range, from, version: pickVersion(semver, document, [range]) }));
      const stuck = picks.find((one) => one.version === null || vulnerable(one.version) || !semver.gt(one.version, version, { loose: true }));
      if (stuck) { say(`No version without it is in the range ${clean(stuck.range, 60)} that ${stuck.from.name} ${stuck.from.version} asks for, so that has to move first.`); continue; }
      const dependency = blank(name, version, [...ranges.keys()]);
      evaluate(dependency, document, { semver, now, counter, node: judging.node.version, promise: null, asked: judging.asked });
      const lowest = picks.map((one) => one.version).sort((a, b) => semver.compare(a, b))[0];
      dependency.versions = dependency.versions.filter((one) => one.version === lowest);
      dependency.latest = lowest;
      dependency.wanted = lowest;
      if (dependency.versions.length === 0) { say(`${name} ${lowest} would be installed, which is no proper newer release.`); continue; }
      if (document.time === undefined) {
        const full = await registry.packument(url, name, true, 60000);
        if (full.document) addFull(dependency, full.document, { now });
      }
      const { ranges: dropped, tag, registryUrl, ...entry } = dependency;
      moves.push(entry);
      say(`The lockfile alone can move it to ${lowest}: all that ask for it allow that.`);
    }
  }
  return moves;
}

function blank(name, version, ranges) {
  return {
    name, alias: null, kind: 'indirect', places: [], current: [version], assumed: false, section: 'indirect', wanted: null, latest: null, reason: '', reasonCode: '',
    currentDeprecated: null, currentGone: false, currentPeers: {}, source: '', hosts: [], versions: [], ranges, tag: null, registryUrl: null,
  };
}

/** Who asks for each entry of these names: id -> [{from: entry, key, range: text or null}]. */
function parentsOf(lock, wanted) {
  const parents = new Map();
  let left = mostEdges;
  for (const entry of lock.entries.values()) {
    for (const { id, key, range } of entry.asks()) {
      if (--left < 0) return parents;
      const to = lock.entries.get(id);
      if (!to || !wanted.has(to.name)) continue;
      const list = parents.get(id) ?? [];
      list.push({ from: entry, key, range });
      parents.set(id, list);
    }
  }
  return parents;
}
