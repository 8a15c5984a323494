// Reading the repository's files and making its texts safe to print. Everything here takes hostile input.
import fs from 'node:fs';
import path from 'node:path';

export const limits = {
  manifest: 4 << 20, lockfile: 64 << 20, other: 1 << 20, patch: 4 << 20,
  dependencies: 5000, members: 500, projects: 500, scripts: 200, scriptText: 4000,
  versionsPerPackage: 2000, versionsInAll: 100000, warnings: 500, problems: 200, places: 5000,
  document: 48 << 20, folders: 20000, depth: 8, advisories: 2000, advisoryPackages: 50000,
};

export const own = (object, key) =>
  object !== null && typeof object === 'object' && Object.prototype.hasOwnProperty.call(object, key) ? object[key] : undefined;
export const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
export const record = () => Object.create(null);

/** One line for people: no control or direction characters, bounded. */
export function clean(text, most = 300) {
  if (typeof text !== 'string') return '';
  const one = text.slice(0, most + 1).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/g, ' ').trim();
  return one.length > most ? one.slice(0, most - 1) + '…' : one;
}

/** Several lines (a script's text): only NUL and direction characters go. */
export function cleanText(text, most) {
  return text.slice(0, most).replace(/[\u0000\u202a-\u202e\u2066-\u2069]/g, ' ');
}

/** A list of {code, text, …} that cannot grow without end. */
export function notes(most) {
  const list = [];
  const seen = new Set();
  return {
    list,
    add(code, text, more = {}) {
      const key = `${code}\0${text}\0${more.file ?? ''}`;
      if (seen.has(key) || list.length >= most) return;
      seen.add(key);
      list.push({ code, text: clean(text, 600), ...more });
    },
  };
}

/** Opens the repository's folder. `read` and `exists` never leave it, whatever links stand in it. */
export function openFolder(folder) {
  const root = fs.realpathSync(folder);
  const inside = (real) => real === root || real.startsWith(root === path.sep ? root : root + path.sep);

  function locate(relative) {
    const full = path.join(root, relative);
    if (!inside(full)) return null;
    let real;
    try { real = fs.realpathSync(full); } catch { return null; }
    return inside(real) ? real : 'outside';
  }

  function isFile(relative) {
    const real = locate(relative);
    if (!real) return false;
    if (real === 'outside') return true; // there is something; reading it says what is wrong
    try { return fs.lstatSync(real).isFile(); } catch { return false; }
  }

  /** null where there is no such file, else {text} or {error: sentence, code}. */
  function read(relative, most) {
    const real = locate(relative);
    if (real === null) return null;
    const name = clean(relative);
    if (real === 'outside') return { code: 'outside', error: `${name} is a link to something outside the repository; it is not read.` };
    let handle;
    try {
      if (!fs.lstatSync(real).isFile()) return null;
      handle = fs.openSync(real, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | (fs.constants.O_NOFOLLOW ?? 0));
      const stat = fs.fstatSync(handle);
      if (!stat.isFile()) return null;
      if (stat.size > most) return { code: 'too-large', error: `${name} has ${stat.size} bytes; more than ${most} are not read.` };
      const bytes = Buffer.alloc(stat.size);
      let got = 0;
      while (got < bytes.length) {
        const n = fs.readSync(handle, bytes, got, bytes.length - got, null);
        if (n === 0) break;
        got += n;
      }
      const data = bytes.subarray(0, got);
      if (data.includes(0)) return { code: 'nul-bytes', error: `${name} contains NUL bytes; it may be stored as UTF-16. Store it as UTF-8.` };
      let text = data.toString('utf8');
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
      return { text };
    } catch (failure) {
      return { code: 'unreadable', error: `${name} cannot be read (${clean(failure.code ?? failure.message, 80)}).` };
    } finally {
      if (handle !== undefined) fs.closeSync(handle);
    }
  }

  /** Whether it is a link to somewhere outside of the repository, or into its .git. A link to nothing is judged by what it says. */
  function leadsOut(relative) {
    const full = path.join(root, relative);
    try {
      if (!fs.lstatSync(full).isSymbolicLink()) return false;
    } catch { return false; }
    let real;
    try { real = fs.realpathSync(full); } catch { real = path.resolve(path.dirname(full), fs.readlinkSync(full)); }
    return !inside(real) || real === path.join(root, '.git') || real.startsWith(path.join(root, '.git') + path.sep);
  }

  /** The names in a folder that is no link, at most so many. */
  function list(relative, most) {
    const full = path.join(root, relative);
    let handle;
    try {
      if (!fs.lstatSync(full).isDirectory()) return [];
      handle = fs.opendirSync(full);
    } catch { return []; }
    const names = [];
    try {
      for (let entry; names.length < most && (entry = handle.readSync()) !== null;) names.push(entry.name);
    } finally { handle.closeSync(); }
    return names;
  }

  return { root, isFile, read, leadsOut, list };
}

export const hasConflict = (text) => /^(?:<{7} |>{7} )/m.test(text) && /^={7}\r?$/m.test(text);

/** {value} or {code, error}: a sentence that names the file and, where it is known, the line. */
export function parseJson(text, file) {
  try {
    return { value: JSON.parse(text) };
  } catch (failure) {
    if (hasConflict(text)) {
      const line = text.slice(0, text.search(/^<{7} /m)).split('\n').length;
      return { code: 'merge-conflict', error: `${file} has merge conflict markers (line ${line}). Resolve the conflict first.` };
    }
    const message = String(failure.message);
    const at = /position (\d+)/.exec(message);
    let position = at ? Number(at[1]) : -1;
    if (position < 0 && /end of JSON/.test(message)) position = text.length;
    const line = position >= 0 ? countLines(text, position) : text.includes('\n') ? 0 : 1;
    const what = clean(message.replace(/ in JSON at position.*| \(line \d+.*|, ".*" is not valid JSON$/s, ''), 100);
    return { code: 'invalid-json', line, error: `${file} is not valid JSON${line ? ` (line ${line})` : ''}: ${what}.` };
  }
}

function countLines(text, end) {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** Without user name and password; null where it is no http(s) address. */
export function safeUrl(text) {
  if (typeof text !== 'string' || text.length > 2000) return null;
  try {
    const url = new URL(text.trim());
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
    url.username = ''; url.password = ''; url.search = ''; url.hash = '';
    return url.href;
  } catch { return null; }
}

export function hostOf(text) {
  if (typeof text !== 'string' || !/^https?:/i.test(text)) return null;
  try { return new URL(text.length > 2000 ? text.slice(0, 2000) : text).host || null; } catch { return null; }
}

/** A tarball from a registry and not from just anywhere: registries put `/-/` (or `/download/`) into the path. */
export const registryAddress = (resolved) => typeof resolved !== 'string' || resolved === '' || (/^https?:/i.test(resolved) && /\/(?:-|download)\//.test(resolved.slice(0, 2000)));

/** Runs `work` over `items`, at most `width` at once. */
export async function together(items, width, work) {
  let next = 0;
  const lane = async () => { while (next < items.length) await work(items[next++]); };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}
