// All dependencies of a project: every place where a range stands, and what the lockfile has for it.
import { clean, isObject, limits, own } from './text.mjs';
import { satisfies, validRange } from './tools.mjs';
import { sections } from './projects.mjs';
import { classify, readCatalogs, readOverrides } from './specs.mjs';

/**
 * {dependencies: Map, direct: Map of lock entry id -> Set of names, problems}.
 * A dependency also has, for the next steps only, `ranges` (all that must hold), `tag` and `registryUrl`.
 */
export function gather({ project, settings, lock, tools, folder, registryFor, problems }) {
  const { semver, npa } = tools;
  const manager = project.manager.name;
  const rootFile = project.path === '' ? 'package.json' : `${project.path}/package.json`;
  const inProject = (name) => (project.path === '' ? name : `${project.path}/${name}`);
  const memberNames = new Set(project.members.map((one) => own(one.manifest, 'name')).filter((name) => typeof name === 'string'));
  if (project.members.length && typeof own(project.manifest, 'name') === 'string') memberNames.add(project.manifest.name);
  const catalogs = manager === 'pnpm' ? readCatalogs(settings.pnpmWorkspace, inProject('pnpm-workspace.yaml'))
    : manager === 'yarn-berry' ? readCatalogs(settings.yarnrc, inProject('.yarnrc.yml')) : [];
  const overrides = readOverrides({ manager, manifest: project.manifest, file: rootFile, workspace: settings.pnpmWorkspace, workspaceFile: inProject('pnpm-workspace.yaml') });
  const overridden = new Set(overrides.map((one) => one.name));

  const dependencies = new Map();
  const direct = new Map();
  let places = 0;
  const doubts = new Map(); // file and name -> what speaks against the lockfile
  const asked = new Map(); // file and name -> sections that ask for it

  function addPlace(dependency, place) {
    if (++places > limits.dependencies * 4) return;
    if (dependency.places.length < limits.places) dependency.places.push(place);
  }

  const folders = [{ path: '', relative: '', file: rootFile, manifest: project.manifest }, ...project.members.map((one) => ({ ...one, file: `${one.path}/package.json` }))];
  for (const one of folders) {
    if (one.foreign) continue; // another repository's to change
    const seen = new Map(); // name -> section, to tell of two sections that name one package
    for (const section of sections) {
      const block = own(one.manifest, section);
      if (block === undefined || block === null) continue;
      if (!isObject(block)) { problems.add('invalid-section', `${section} in ${one.file} is not an object; it is left out.`); continue; }
      for (const key of Object.keys(block)) {
        if (!add(one, section, key, block[key], seen)) break;
      }
    }
  }

  /** false when there are too many. */
  function add(one, section, key, text, seen) {
    const peer = section === 'peerDependencies';
    const spec = classify({ semver, npa, folder: folder.root, key, text, memberNames, catalogs });
    const id = `${spec.name}\0${spec.alias ?? ''}\0${spec.kind}\0${spec.kind === 'registry' ? spec.tag ?? '' : spec.range}`;
    if (!peer && key.length <= 214) {
      if (seen.has(key)) problems.add('two-sections', `${key} stands in ${seen.get(key)} and in ${section} of ${one.file}.`);
      seen.set(key, section);
    }
    let dependency = dependencies.get(id);
    if (!dependency) {
      if (dependencies.size >= limits.dependencies) {
        problems.add('too-many-dependencies', `There are more than ${limits.dependencies} different dependencies; the rest is left out.`);
        return false;
      }
      dependency = {
        name: spec.name, alias: spec.alias, kind: spec.kind, places: [], current: [], assumed: false, section, wanted: null, latest: null, reason: spec.reason, reasonCode: spec.reasonCode,
        currentDeprecated: null, currentGone: false, currentPeers: {}, source: '', hosts: [], versions: [], ranges: [], tag: spec.tag, registryUrl: null,
      };
      dependencies.set(id, dependency);
    }
    if (sections.indexOf(section) < sections.indexOf(dependency.section)) dependency.section = section;

    const place = { file: one.file, section, path: [section, clean(key, 214)], range: spec.catalog ? clean(text, 200) : spec.range, moves: spec.moves && !peer && !spec.catalog, current: null };
    if (spec.prefix) place.prefix = spec.prefix;
    addPlace(dependency, place);
    if (spec.catalog && !peer) {
      const { file, section: inSection, path } = spec.catalog;
      if (!dependency.places.some((other) => other.file === file && other.path.join('\0') === path.join('\0'))) {
        addPlace(dependency, { file, section: inSection, path, range: spec.range, moves: spec.moves, current: null, ...(spec.prefix ? { prefix: spec.prefix } : {}) });
      }
    }
    if (peer) return true;
    asked.set(`${one.file}\0${key}`, (asked.get(`${one.file}\0${key}`) ?? 0) + 1);
    if (spec.kind === 'registry' && !spec.tag) dependency.ranges.push(spec.range === '' ? '*' : spec.range);
    if (lock && !lock.broken && !lock.empty) locked(one, section, key, text, spec, dependency, place);
    return true;
  }

  function locked(one, section, key, text, spec, dependency, place) {
    // a catalog's line stands in the place of the reference to it
    const asked = spec.catalog ? `${spec.prefix}${spec.range}` : typeof text === 'string' ? text.trim() : '';
    const found = lock.find(one.relative, key, asked);
    if (found?.link) return;
    if (!found) {
      if (spec.kind !== 'workspace' && spec.kind !== 'link' && spec.kind !== 'file') outOfStep(one, key, `${one.file} asks for ${clean(key, 214)} (${typeof text === 'string' ? clean(text, 80) : 'not by a text'}), but ${lock.file} has nothing for it.`);
      return;
    }
    const { entry } = found;
    const names = direct.get(entry.id) ?? new Set();
    names.add(spec.alias ?? spec.name);
    direct.set(entry.id, names);
    if (spec.kind !== 'registry') return;
    if (typeof entry.name === 'string' && entry.name !== spec.name) return void problems.add('invalid-lockfile', `${one.file} asks for ${clean(spec.name, 214)}, but ${lock.file} has ${clean(entry.name, 214)} in its place.`);
    if (entry.version !== null && semver.valid(entry.version)) {
      place.current = entry.version;
      if (!dependency.current.includes(entry.version)) dependency.current.push(entry.version);
    }
    if (entry.host && !dependency.hosts.includes(entry.host) && dependency.hosts.length < 20) dependency.hosts.push(entry.host);
    if (overridden.has(spec.name) || spec.catalog || spec.tag) return;
    const specifier = lock.specifier(one.relative, key);
    if (place.current && spec.range !== '' && !satisfies(semver, place.current, spec.range)) outOfStep(one, key, `${one.file} asks for ${key} ${spec.range}, but ${lock.file} has ${place.current}.`);
    else if (lock.strict && specifier !== null && specifier !== text.trim()) outOfStep(one, key, `${one.file} asks for ${key} ${clean(text, 80)}, but ${lock.file} was written for ${clean(specifier, 80)}.`);
    else if (lock.has && !lock.has(key, text.trim())) outOfStep(one, key, `${one.file} asks for ${key} ${clean(text, 80)}, but ${lock.file} was written for another range.`);
  }

  // A package that stands in two sections of one manifest is locked for one of them, and each manager has its own rule which: it is out of step
  // only where no section agrees with the lockfile.
  function outOfStep(one, key, text) {
    const id = `${one.file}\0${key}`;
    const texts = doubts.get(id) ?? [];
    texts.push({ key, text });
    doubts.set(id, texts);
  }

  function tellDoubts() {
    for (const [id, texts] of doubts) {
      if (texts.length < (asked.get(id) ?? 1)) continue;
      problems.add('lockfile-out-of-step', texts[0].text, { package: clean(texts[0].key, 214) });
    }
  }

  tellDoubts();
  const manifests = new Map(folders.map((one) => [one.file, one.manifest]));
  addOverrides(overrides, dependencies, semver, addPlace);
  const list = [...dependencies.values()].flatMap((dependency) => byLine(dependency, semver));
  for (const dependency of list) {
    dependency.ownPeers = ownPeersOf(dependency, manifests);
    finish(dependency, registryFor);
  }
  return { dependencies: list, direct, overridden };
}

/**
 * The members of a workspace may be at different lines of one package (react 18 in one, 19 in the others): what is a major step for the one is a
 * patch for the others, so each line is an entry of its own. A line is a major version, below 1.0.0 a minor one. Without a lockfile the
 * ranges decide, and only where no version could fit all of them.
 */
function byLine(dependency, semver) {
  const own = (place) => place.section !== 'peerDependencies' && place.path.length === 2;
  if (dependency.kind !== 'registry' || dependency.tag !== null || dependency.places.filter(own).length < 2) return [dependency];
  const known = dependency.places.some((place) => place.current !== null);
  if (!known && dependency.ranges.every((one, i) => dependency.ranges.slice(i + 1).every((other) => meet(semver, one, other)))) return [dependency];
  const lineOf = (place) => {
    const version = place.current ?? lowest(semver, place.range);
    const parsed = version === null ? null : semver.parse(version);
    return parsed === null ? null : parsed.major > 0 ? `${parsed.major}` : `0.${parsed.minor}`;
  };
  const lines = new Map();
  for (const place of dependency.places) {
    const line = own(place) && (place.current !== null || !known) ? lineOf(place) : null;
    if (line !== null) lines.set(line, [...(lines.get(line) ?? []), place]);
  }
  if (lines.size < 2) return [dependency];
  const sorted = [...lines.keys()].sort((a, b) => a.split('.').map(Number).reduce((all, part) => all * 1e6 + part, a.startsWith('0.') ? 0 : 1e9) - b.split('.').map(Number).reduce((all, part) => all * 1e6 + part, b.startsWith('0.') ? 0 : 1e9));
  // what has no version of its own (peers, overrides, a catalog's line) goes with the line that its range names, else with the newest
  for (const place of dependency.places) {
    if ([...lines.values()].some((places) => places.includes(place))) continue;
    const line = lineOf(place);
    lines.get(lines.has(line) ? line : sorted[sorted.length - 1]).push(place);
  }
  return sorted.map((line) => {
    const places = dependency.places.filter((place) => lines.get(line).includes(place));
    const sectionsHere = sections.filter((section) => places.some((place) => place.section === section));
    return {
      ...dependency, places, section: sectionsHere[0] ?? dependency.section, current: [...new Set(places.map((place) => place.current).filter((one) => one !== null))],
      ranges: places.filter((place) => place.section !== 'peerDependencies' && (own(place) || place.moves)).map((place) => (place.range === '' ? '*' : place.range)),
      currentPeers: {}, versions: [],
    };
  });
}

function meet(semver, one, other) {
  try { return semver.intersects(one, other, { loose: true }); } catch { return true; }
}

function lowest(semver, range) {
  try { return semver.minVersion(range === '' ? '*' : range, { loose: true })?.version ?? null; } catch { return null; }
}

/** The ranges in which the packages that use a dependency ask for it as a peer themselves. */
function ownPeersOf(dependency, manifests) {
  const found = new Set();
  for (const place of dependency.places) {
    const range = own(own(manifests.get(place.file), 'peerDependencies'), dependency.name);
    if (place.section !== 'peerDependencies' && place.path.length === 2 && typeof range === 'string') found.add(range.slice(0, 200));
  }
  return [...found];
}

/** Overrides that name a direct dependency move with it where they are a plain range for all of its places. */
function addOverrides(overrides, dependencies, semver, addPlace) {
  const byName = new Map();
  for (const dependency of dependencies.values()) if (dependency.kind === 'registry' && dependency.alias === null) byName.set(dependency.name, dependency);
  for (const one of overrides) {
    const dependency = byName.get(one.name);
    if (!dependency) continue;
    const literal = validRange(semver, one.range) !== null;
    let applies = !one.scoped;
    if (applies && one.selector !== null) {
      try { applies = dependency.ranges.some((range) => semver.intersects(range, one.selector, { loose: true })); } catch { applies = false; }
    }
    addPlace(dependency, { file: one.file, section: one.section, path: one.path.map((part) => clean(part, 300)), range: clean(one.range, 200), moves: literal && applies, current: null });
    if (literal && applies) dependency.ranges.push(one.range);
  }
}

function finish(dependency, registryFor) {
  dependency.ranges = [...new Set(dependency.ranges)];
  const moving = dependency.places.some((place) => place.section !== 'peerDependencies');
  if (!moving && !dependency.reasonCode) {
    dependency.reasonCode = 'peer';
    dependency.reason = 'It is only a peer dependency: whoever uses this package installs it.';
  }
  if (dependency.kind !== 'registry' || dependency.reasonCode === 'peer' || dependency.reasonCode === 'invalid') return;
  const registry = registryFor(dependency.name, dependency.hosts);
  dependency.registryUrl = registry.url;
  if (registry.url === null) {
    dependency.reasonCode = 'private-registry';
    dependency.reason = registry.reason;
    dependency.registry = registry.host;
  }
}
