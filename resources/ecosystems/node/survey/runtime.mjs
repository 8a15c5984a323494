// Which Node a project asks for. Order: .nvmrc, .node-version, .tool-versions, volta, devEngines.runtime, engines.node; in the project's folder,
// then for the first three in the repository's root.
import { clean, isObject, limits, own } from './text.mjs';
import { satisfies, validRange } from './tools.mjs';

// the names that version managers know; a name that is not here is reported as it stands
const names = { argon: 4, boron: 6, carbon: 8, dubnium: 10, erbium: 12, fermium: 14, gallium: 16, hydrogen: 18, iron: 20, jod: 22, krypton: 24 };

export function readRuntimes(folder, at, manifest) {
  const found = [];
  const add = (node, from) => {
    if (typeof node !== 'string') return;
    const text = clean(node, 100);
    if (text !== '' && found.length < 20) found.push({ node: text, from });
  };
  const places = at === '' ? [''] : [at, ''];
  for (const name of ['.nvmrc', '.node-version', '.tool-versions']) {
    for (const place of places) {
      const file = place === '' ? name : `${place}/${name}`;
      const got = folder.read(file, limits.other);
      if (got?.text === undefined) continue;
      const lines = got.text.split(/\r?\n/, 200).map((line) => line.replace(/#.*$/, '').trim()).filter(Boolean);
      if (name === '.tool-versions') {
        const line = lines.map((one) => one.split(/\s+/)).find(([tool]) => tool === 'nodejs' || tool === 'node');
        if (line) add(line[1], file);
      } else if (lines[0]) add(lines[0], file);
      break; // the nearer file hides the root's
    }
  }
  const file = at === '' ? 'package.json' : `${at}/package.json`;
  add(own(own(manifest, 'volta'), 'node'), `volta in ${file}`);
  const runtime = own(own(manifest, 'devEngines'), 'runtime');
  for (const one of Array.isArray(runtime) ? runtime.slice(0, 10) : [runtime]) if (isObject(one) && one.name === 'node') add(own(one, 'version'), `devEngines.runtime in ${file}`);
  add(own(own(manifest, 'engines'), 'node'), `engines.node in ${file}`);
  return found;
}

/** The version against which `engines` of candidates are judged: {version, text, from}. An x stands for "the newest of this line". */
export function judgingNode(semver, asked, given) {
  if (given) return { version: given, text: given, from: '--node' };
  const here = process.version.slice(1);
  if (!asked) return { version: here, text: here, from: 'the Node that runs the survey' };
  const range = nodeRange(semver, asked.node);
  if (range === null) return { version: here, text: here, from: 'the Node that runs the survey' };
  if (semver.valid(range)) return { version: semver.valid(range), text: semver.valid(range), from: asked.from };
  if (satisfies(semver, here, range)) return { version: here, text: here, from: asked.from };
  // the newest long-term line that the range takes, first those that are not newer than this Node
  const majors = [];
  for (let major = Number(here.split('.')[0]); major >= 0; major--) majors.push(major);
  majors.sort((a, b) => (a % 2) - (b % 2) || b - a);
  for (let major = Number(here.split('.')[0]) + 1; major < 60; major++) majors.push(major);
  for (const major of majors) {
    if (satisfies(semver, `${major}.999.999`, range)) return { version: `${major}.999.999`, text: `${major}.x`, from: asked.from };
  }
  let lowest = null;
  try { lowest = semver.minVersion(range)?.version ?? null; } catch { /* a range that takes nothing */ }
  return { version: lowest ?? here, text: lowest ?? here, from: lowest ? asked.from : 'the Node that runs the survey' };
}

/** What a published package promises its users: the newest release of the lowest line that its engines take. Null where it promises nothing. */
export function promisedNode(semver, manifest) {
  const text = own(own(manifest, 'engines'), 'node');
  if (own(manifest, 'private') === true || typeof text !== 'string' || text.length > 200) return null;
  const range = validRange(semver, text);
  if (range === null || range === '*') return null;
  try {
    const low = semver.minVersion(range);
    const line = `${low.major}.999.999`;
    return low.major === 0 ? null : { text: clean(text, 100), line: satisfies(semver, line, range) ? line : low.version };
  } catch { return null; }
}

/**
 * The first of what a project says that names a version; what stands before it and names none ("node", "lts/*") is told. Nothing where none does: then the
 * image's own Node, a long-term line, is used, and that is told as well.
 */
export function chooseRuntime(semver, runtimes, warnings, here) {
  const at = runtimes.findIndex((one) => nodeRange(semver, one.node) !== null);
  for (const one of at < 0 ? runtimes : runtimes.slice(0, at)) {
    warnings.add('runtime-unclear', `${one.from} asks for Node "${one.node}", which names no version that can be looked up; ${at < 0 ? `Node ${here} was used` : `${runtimes[at].from} was followed (${runtimes[at].node})`}.`, { file: one.from });
  }
  return at < 0 ? null : runtimes[at];
}

function nodeRange(semver, text) {
  const word = text.trim().toLowerCase().replace(/^node[-@/]?v?(?=\d)/, '');
  const lts = /^lts[/-](.+)$/.exec(word)?.[1] ?? word;
  if (Object.prototype.hasOwnProperty.call(names, lts)) return `${names[lts]}.x`;
  return semver.valid(word) ?? validRange(semver, word);
}
