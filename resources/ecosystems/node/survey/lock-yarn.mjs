// yarn.lock: version 1 by a strict reader of lines, the later ones from their YAML.
import { hostOf, isObject, own, registryAddress } from './text.mjs';

/** name@rest of a descriptor; the name may begin with @. */
function splitDescriptor(text) {
  const at = text.indexOf('@', 1);
  return at < 0 ? { name: text, rest: '' } : { name: text.slice(0, at), rest: text.slice(at + 1) };
}

function unquote(text, line) {
  if (text[0] !== '"') return text;
  try { return String(JSON.parse(text)); } catch { throw new Error(`line ${line} has a quote that does not end.`); }
}

/** The patterns of a head line: a@^1, "b c@2", … */
function splitHead(text, line) {
  const out = [];
  let at = 0;
  while (at < text.length) {
    let end;
    if (text[at] === '"') {
      end = at + 1;
      while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
      end++;
    } else {
      end = text.indexOf(',', at);
      if (end < 0) end = text.length;
    }
    out.push(unquote(text.slice(at, end).trim(), line));
    at = end;
    while (text[at] === ',' || text[at] === ' ') at++;
  }
  return out;
}

/** `key value` inside an entry, either side quoted or not. */
function splitPair(text, line) {
  let end;
  if (text[0] === '"') {
    end = 1;
    while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
    end++;
  } else end = text.indexOf(' ');
  if (end < 0 || end >= text.length) throw new Error(`line ${line} has no value.`);
  return [unquote(text.slice(0, end), line), unquote(text.slice(end).trim(), line)];
}

export function readClassicLock(text, file, semver) {
  const entries = new Map();
  const byPattern = new Map();
  let entry = null, inside = null, hasResolved = false, number = 0;
  for (const raw of text.split('\n')) {
    number++;
    const line = raw.trimEnd();
    if (line === '' || line[0] === '#') continue;
    if (line[0] !== ' ') {
      if (!line.endsWith(':')) throw new Error(`line ${number} is not the head of an entry.`);
      const patterns = splitHead(line.slice(0, -1), number);
      if (!patterns.length) throw new Error(`line ${number} is not the head of an entry.`);
      entry = { id: patterns[0], patterns, version: null, resolved: null, pairs: [] };
      inside = null;
      entries.set(entry.id, entry);
      for (const pattern of patterns) byPattern.set(pattern, entry);
    } else if (entry === null) throw new Error(`line ${number} belongs to no entry.`);
    else if (line.startsWith('    ')) {
      if (inside === 'dependencies' || inside === 'optionalDependencies') entry.pairs.push(splitPair(line.trim(), number));
    } else if (line.endsWith(':') && !line.trim().includes(' ')) inside = line.trim().slice(0, -1);
    else {
      inside = null;
      const [key, value] = splitPair(line.trim(), number);
      if (key === 'version') entry.version = value;
      if (key === 'resolved') entry.resolved = value;
    }
  }
  for (const one of entries.values()) {
    const { name, rest } = splitDescriptor(one.id);
    const alias = rest.startsWith('npm:') ? splitDescriptor(rest.slice(4)).name : null;
    one.name = alias ?? name;
    one.host = hostOf(one.resolved);
    const elsewhere = /^(?:file:|link:|git|https?:|ssh:|github:|\.{0,2}\/)|^[^@\s]+\/[^@\s]+$/.test(rest);
    one.registry = one.version !== null && semver.valid(one.version) !== null && registryAddress(one.resolved) && !elsewhere;
    if (one.registry && one.resolved) hasResolved = true;
    one.asks = () => one.pairs.map(([key, range]) => ({ id: byPattern.get(`${key}@${range}`)?.id, key, range })).filter((ask) => ask.id !== undefined);
  }
  const byName = group(entries);
  function find(dir, key, range) {
    const exact = byPattern.get(`${key}@${range}`);
    if (exact) return { entry: exact };
    return lone(byName, key);
  }
  return { version: '1', entries, find, specifier: () => null, hasResolved, problems: [], strict: true, has: (key, range) => byPattern.has(`${key}@${range}`) };
}

export function readBerryLock(lock, file, semver) {
  if (!isObject(lock)) throw new Error('it is not a mapping.');
  const version = String(own(own(lock, '__metadata'), 'version') ?? '').slice(0, 10);
  const entries = new Map();
  const byDescriptor = new Map();
  for (const key of Object.keys(lock)) {
    if (key === '__metadata') continue;
    const item = lock[key];
    if (!isObject(item)) continue;
    const resolution = typeof item.resolution === 'string' ? item.resolution : key.split(', ')[0];
    const { name, rest } = splitDescriptor(resolution);
    const registry = rest.startsWith('npm:') && semver.valid(item.version) !== null;
    const patched = rest.startsWith('patch:');
    // a registry of its own is noted as ::__archiveUrl=ADDRESS
    const archive = /::__archiveUrl=([^&]{1,500})/.exec(rest)?.[1];
    let address = null;
    if (archive) try { address = decodeURIComponent(archive); } catch { /* stays unknown */ }
    const entry = {
      id: resolution, name, version: typeof item.version === 'string' ? item.version.slice(0, 256) : null, registry, patched,
      workspace: rest.startsWith('workspace:') || rest.startsWith('link:') || rest.startsWith('portal:'), host: hostOf(address), resolved: address,
      asks: () => {
        const out = [];
        const names = own(item, 'dependencies');
        if (isObject(names)) for (const dep of Object.keys(names)) { const found = look(dep, names[dep]); if (found) out.push({ id: found.id, key: dep, range: String(names[dep]).replace(/^npm:/, '') }); }
        return out;
      },
    };
    entries.set(entry.id, entry);
    for (const descriptor of key.split(', ')) byDescriptor.set(descriptor, entry);
  }
  function look(key, range) {
    if (typeof range !== 'string') return null;
    return byDescriptor.get(`${key}@${range}`) ?? byDescriptor.get(`${key}@npm:${range}`) ?? null;
  }
  const byName = group(entries);
  const answer = (entry) => (entry.workspace ? { link: true } : { entry });
  function find(dir, key, range) {
    const exact = look(key, range);
    if (exact) return answer(exact);
    const one = lone(byName, key);
    return one ? answer(one.entry) : null;
  }
  // members are no installed packages, and a patched one keeps what it patches as an entry of its own
  const installed = new Map([...entries].filter(([, entry]) => !entry.workspace && !entry.patched));
  return { version, entries: installed, find, specifier: () => null, hasResolved: false, problems: [], strict: true, has: (key, range) => look(key, range) !== null };
}

function group(entries) {
  const byName = new Map();
  for (const entry of entries.values()) byName.set(entry.name, byName.has(entry.name) ? null : entry);
  return byName;
}
/** The only entry of this name, for ranges that a resolution or a catalog replaced. */
function lone(byName, key) {
  const entry = byName.get(key);
  return entry ? { entry } : null;
}
