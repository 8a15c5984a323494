// From a package's registry document to what can be moved to.
import { clean, isObject, limits, own, record } from './text.mjs';
import { satisfies } from './tools.mjs';

const day = 86400000;

function deprecation(item) {
  const text = own(item, 'deprecated');
  if (typeof text === 'string') return text.trim() === '' ? null : clean(text, 1000);
  return text === true ? 'deprecated' : null;
}

/** Only github.com, and only as https://github.com/owner/name. Where the document itself says none, its newest version may. */
export function sourceOf(document) {
  const latest = own(own(document, 'dist-tags'), 'latest');
  return repositoryIn(document) || (typeof latest === 'string' ? repositoryIn(own(own(document, 'versions'), latest)) : '');
}

function repositoryIn(document) {
  let text = own(document, 'repository');
  if (isObject(text)) text = own(text, 'url');
  if (typeof text !== 'string' || text.length > 500) return '';
  const match = /^(?:(?:git\+)?(?:https?|git|ssh):\/\/(?:[^@/]*@)?github\.com[/:]|git@github\.com:|github:|)([A-Za-z0-9][A-Za-z0-9-]{0,38})\/([A-Za-z0-9._-]{1,100}?)(?:\.git)?(?:[/#].*)?$/.exec(text.trim());
  return match && match[2] !== '.' && match[2] !== '..' ? `https://github.com/${match[1]}/${match[2]}` : '';
}

/** What an install would bring: `latest` where the ranges take it, else the highest that is not deprecated, else the highest. */
function pick(semver, sorted, versions, ranges, latest) {
  const holds = (version) => ranges.every((range) => satisfies(semver, version, range));
  if (latest !== null && holds(latest)) return latest;
  let deprecated = null;
  for (let i = sorted.length - 1; i >= 0; i--) {
    const version = sorted[i].version;
    if (!holds(version)) continue;
    if (deprecation(versions[version]) === null) return version;
    deprecated ??= version;
  }
  return deprecated;
}

function levelOf(from, to) {
  if (from.major !== to.major) return 'major';
  return from.minor !== to.minor ? 'minor' : 'patch';
}
function isBreaking(from, level) {
  return level === 'major' || (from.major === 0 && (level === 'minor' || from.minor === 0));
}

/** The versions, ascending, and what `latest` names. */
function published(semver, document) {
  const sorted = [];
  for (const text of Object.keys(document.versions)) {
    const parsed = text.length <= 256 && isObject(document.versions[text]) ? semver.parse(text) : null;
    // the key is what is installed by name; one that is not its own plain form cannot be asked for
    if (parsed && parsed.raw === text) { parsed.version = text; sorted.push(parsed); }
  }
  sorted.sort((a, b) => a.compare(b) || (a.raw < b.raw ? -1 : 1));
  const tag = own(document['dist-tags'], 'latest');
  return { sorted, latest: typeof tag === 'string' && own(document.versions, tag) !== undefined ? tag : null };
}

/** What an install would bring for these ranges; null when nothing that is published fits. */
export function pickVersion(semver, document, ranges) {
  const { sorted, latest } = published(semver, document);
  return pick(semver, sorted, document.versions, ranges, latest);
}

/** Fills a dependency from its document. Times and source come from the full form and may be missing; see `addFull`. */
export function evaluate(dependency, document, { semver, node, now, counter, promise = null, asked = false }) {
  const versions = document.versions;
  const { sorted, latest } = published(semver, document);
  dependency.latest = latest;
  if (dependency.tag !== null) {
    const named = own(document['dist-tags'], dependency.tag);
    dependency.wanted = typeof named === 'string' && own(versions, named) !== undefined ? named : null;
  } else dependency.wanted = pick(semver, sorted, versions, dependency.ranges, latest);

  dependency.current.sort((a, b) => semver.compare(a, b));
  const gone = dependency.current.filter((version) => own(versions, version) === undefined);
  dependency.currentGone = gone.length > 0;
  for (const version of dependency.current) dependency.currentDeprecated ??= deprecation(own(versions, version));
  dependency.source = sourceOf(document);

  let base = dependency.current[0] ?? null;
  if (base === null) {
    base = dependency.wanted;
    dependency.assumed = base !== null;
    if (base !== null) dependency.currentDeprecated = deprecation(own(versions, base));
  }
  if (base === null) return void (dependency.reasonCode ||= setReason(dependency, 'no-match', `No published version of ${dependency.name} fits ${dependency.ranges.slice(0, 5).map((r) => clean(r, 60)).join(' and ')}.`));
  dependency.currentPeers = peersOf(own(versions, base)).peers; // what stops others while this one stays
  const from = semver.parse(base);
  const newest = latest !== null ? semver.parse(latest) : sorted.filter((one) => one.prerelease.length === 0).pop() ?? null;
  const chosen = newest === null ? [] : sorted.filter((to) => to.compare(from) > 0 && to.compare(newest) <= 0
    && (to.prerelease.length === 0 || (from.prerelease.length > 0 && to.compareMain(from) === 0)));
  // what is locked but no longer published has to go somewhere, also downwards
  const down = dependency.currentGone && dependency.wanted !== null && semver.compare(dependency.wanted, base) < 0 ? semver.parse(dependency.wanted) : null;
  if (!down && newest && from.compare(newest) > 0) {
    const what = from.prerelease.length ? 'a prerelease above' : 'newer than';
    dependency.reasonCode ||= setReason(dependency, from.prerelease.length ? 'prerelease' : 'newer-than-latest', `${dependency.assumed ? 'What its range brings' : 'What is installed'}, ${base}, is ${what} the latest version, ${newest.version}.`);
  }
  const room = Math.min(limits.versionsPerPackage, Math.max(limits.versionsInAll - counter.versions, 20));
  const kept = chosen.slice(-room);
  if (kept.length < chosen.length) dependency.cut = chosen.length - kept.length;
  counter.versions += kept.length;
  dependency.versions = kept.map((to) => describe(to, levelOf(from, to)));
  if (down) dependency.versions.unshift({ ...describe(down, levelOf(down, from)), lower: true });

  function describe(to, level) {
    const item = versions[to.raw];
    const engines = own(own(item, 'engines'), 'node');
    const range = typeof engines === 'string' ? clean(engines, 200) : null;
    const { peers, optional } = peersOf(item);
    const unfit = unfitness(to, range);
    const entry = {
      version: to.raw, level, breaking: isBreaking(from, level), ...timeOf(document, to.raw, now), deprecated: deprecation(item), engines: range,
      fits: unfit !== null ? false : range === null ? true : fits(semver, node, range), peers,
      inRange: dependency.tag !== null ? to.raw === dependency.wanted : dependency.ranges.length > 0 && dependency.ranges.every((one) => satisfies(semver, to.raw, one)),
    };
    if (unfit !== null) entry.unfit = unfit;
    else if (dependency.section === 'devDependencies') {
      const broken = brokenPromise(range);
      if (broken !== null) entry.narrows = broken;
    }
    if (optional.length) entry.optionalPeers = optional;
    return entry;
  }

  /** Why a version is not for this project although an install would take it; null when it is. */
  function unfitness(to, range) {
    const peer = dependency.ownPeers?.find((one) => satisfies(semver, base, one) && !satisfies(semver, to.raw, one));
    if (peer !== undefined) return `the package itself asks for it as a peer in the range ${clean(peer, 100)}`;
    // its major is Node's own
    if (dependency.name === '@types/node' && asked && to.major > Math.max(semver.major(node), from.major)) return `it describes Node ${to.major}, and the project uses ${semver.major(node)}`;
    return dependency.section === 'devDependencies' ? null : brokenPromise(range);
  }

  /** What a version needs that the package promises to do without; null where it keeps the promise, or the installed one does not either. */
  function brokenPromise(range) {
    if (promise === null || range === null) return null;
    const before = own(own(own(versions, base), 'engines'), 'node');
    const kept = typeof before !== 'string' || fits(semver, promise.line, before) !== false;
    return kept && fits(semver, promise.line, range) === false ? `it needs Node ${range}, and engines in ${promise.file ?? 'package.json'} promises ${promise.text}` : null;
  }
}

/**
 * Types have the major version of what they describe: those of a line that the described package is not at, and cannot go to, are not for this project.
 * For the dependencies of one project, when all are evaluated.
 */
export function typesFollow(dependencies, semver) {
  const now = (one) => (one.current.length ? one.current : [one.wanted].filter((version) => version !== null));
  for (const types of dependencies) {
    if (!types.name.startsWith('@types/') || types.name === '@types/node') continue;
    const bare = types.name.slice('@types/'.length);
    const described = bare.includes('__') ? `@${bare.replace('__', '/')}` : bare;
    const own_ = dependencies.filter((one) => one.name === described && one.kind === 'registry');
    const reached = own_.flatMap((one) => [...now(one), ...one.versions.filter((to) => to.fits !== false).map((to) => to.version)]).map((one) => semver.major(one));
    if (!reached.length) continue;
    const highest = Math.max(...reached, ...now(types).map((one) => semver.major(one)));
    for (const to of types.versions) {
      if (to.fits === false || semver.major(to.version) <= highest) continue;
      to.fits = false;
      to.unfit = `it describes ${described} ${semver.major(to.version)}, and the project stays at ${Math.max(...reached)}`;
    }
  }
}

/** What a version asks of its surroundings, and which of that only if it is there. */
function peersOf(item) {
  const peers = record();
  const optional = [];
  const asked = own(item, 'peerDependencies');
  if (isObject(asked)) {
    for (const name of Object.keys(asked).slice(0, 50)) {
      if (typeof asked[name] !== 'string' || name.length > 214) continue;
      peers[clean(name, 214)] = clean(asked[name], 200);
      if (own(own(own(item, 'peerDependenciesMeta'), name), 'optional') === true) optional.push(clean(name, 214));
    }
  }
  return { peers, optional };
}

function setReason(dependency, code, text) {
  if (!dependency.reasonCode) dependency.reason = text;
  return code;
}

function fits(semver, node, range) {
  try {
    if (semver.validRange(range, { loose: true }) === null) return null;
    return semver.satisfies(node, range, { loose: true, includePrerelease: true });
  } catch { return null; }
}

function timeOf(document, version, now) {
  const text = own(document.time, version);
  const time = typeof text === 'string' && text.length < 40 ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? { time: null, ageDays: null } : { time: new Date(time).toISOString(), ageDays: Math.max(0, Math.floor((now - time) / day)) };
}

/** Times, source and deprecations from the full form, for a dependency that was evaluated from the short one. */
export function addFull(dependency, document, { now }) {
  dependency.source ||= sourceOf(document);
  for (const entry of dependency.versions) {
    Object.assign(entry, timeOf(document, entry.version, now));
    entry.deprecated ??= deprecation(own(document.versions, entry.version));
  }
}
