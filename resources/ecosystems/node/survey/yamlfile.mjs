// YAML with every scalar as a string (a version 1.10 must not become 1.1). Lockfiles are machine-written block YAML and can be
// large, and the `yaml` package reads half a megabyte per second: so a strict line reader takes what pnpm and Yarn write, and
// whatever it does not know goes to `yaml`, if it is small enough.
import { createRequire } from 'node:module';

const slowLimit = 2 << 20;
class Unknown extends Error {}

export function parseYaml(text, file) {
  try {
    return { value: fastYaml(text) };
  } catch (failure) {
    if (!(failure instanceof Unknown)) return { code: 'invalid-yaml', error: `${file} cannot be read: ${failure.message}` };
    if (text.length > slowLimit) return { code: 'invalid-yaml', error: `${file} is not written as its package manager writes it (line ${failure.message}) and too large to be read in another way.` };
  }
  try {
    const yaml = createRequire(import.meta.url)(process.env.OVVOC_SURVEY_YAML ?? './vendor/yaml');
    const documents = yaml.parseAllDocuments(text, { schema: 'failsafe', merge: false, uniqueKeys: false, prettyErrors: true, logLevel: 'silent' });
    const list = Array.isArray(documents) ? documents : [];
    const last = list.length ? list[list.length - 1] : null;
    const failed = list.find((one) => one.errors.length);
    if (failed) {
      const error = failed.errors[0];
      return { code: 'invalid-yaml', error: `${file} is not valid YAML (line ${error.linePos?.[0].line ?? '?'}): ${String(error.message).split('\n')[0].slice(0, 150)}` };
    }
    return { value: last ? last.toJS({ maxAliasCount: 50 }) : null };
  } catch (failure) {
    return { code: 'invalid-yaml', error: `${file} is not valid YAML: ${String(failure.message).split('\n')[0].slice(0, 150)}` };
  }
}

function scalar(text, line) {
  const first = text[0];
  if (first === "'") {
    if (text.length < 2 || text[text.length - 1] !== "'" || text.slice(1, -1).replace(/''/g, '').includes("'")) throw new Unknown(line);
    return text.slice(1, -1).replace(/''/g, "'");
  }
  if (first === '"') {
    try { return String(JSON.parse(text)); } catch { throw new Unknown(line); }
  }
  if (first === '{' || first === '[') return flow(text, line);
  if ('&*!|>%@`#'.includes(first) || text.includes(' #') || text.includes(': ')) throw new Unknown(line);
  return text;
}

/** {a: b, c: 'd'} and [a, b] on one line, not nested deeper than 8. */
function flow(text, line) {
  let at = 0;
  const space = () => { while (text[at] === ' ') at++; };
  const token = (stops) => {
    space();
    const start = at;
    if (text[at] === "'") {
      for (at++; at < text.length; at++) if (text[at] === "'") { if (text[at + 1] === "'") at++; else break; }
      at++;
    } else if (text[at] === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
      at++;
    } else {
      while (at < text.length && !stops.includes(text[at]) && !(text[at] === ':' && (text[at + 1] === ' ' || text[at + 1] === undefined))) at++;
    }
    const word = text.slice(start, at).trim();
    space();
    if (word[0] === '{' || word[0] === '[') throw new Unknown(line);
    return word === '' ? '' : scalar(word, line);
  };
  const value = (depth) => {
    if (depth > 8) throw new Unknown(line);
    space();
    if (text[at] === '{') {
      const out = Object.create(null);
      at++; space();
      while (text[at] !== '}') {
        const key = token(',}');
        if (text[at] !== ':') throw new Unknown(line);
        at++;
        out[key] = value(depth + 1);
        space();
        if (text[at] === ',') { at++; space(); } else if (text[at] !== '}') throw new Unknown(line);
      }
      at++;
      return out;
    }
    if (text[at] === '[') {
      const out = [];
      at++; space();
      while (text[at] !== ']') {
        if (at >= text.length) throw new Unknown(line);
        out.push(value(depth + 1));
        space();
        if (text[at] === ',') { at++; space(); } else if (text[at] !== ']') throw new Unknown(line);
      }
      at++;
      return out;
    }
    return token(',}]');
  };
  const result = value(0);
  space();
  if (at !== text.length) throw new Unknown(line);
  return result;
}

/** Where the key of `key: value` ends, or -1. */
function keyEnd(text) {
  if (text[0] === "'" || text[0] === '"') {
    const quote = text[0];
    for (let i = 1; i < text.length; i++) {
      if (quote === '"' && text[i] === '\\') { i++; continue; }
      if (text[i] !== quote) continue;
      if (quote === "'" && text[i + 1] === "'") { i++; continue; }
      return text[i + 1] === ':' && (i + 2 === text.length || text[i + 2] === ' ') ? i + 1 : -1;
    }
    return -1;
  }
  for (let i = text.indexOf(':'); i >= 0; i = text.indexOf(':', i + 1)) if (i + 1 === text.length || text[i + 1] === ' ') return i;
  return -1;
}

function fastYaml(text) {
  if (text.includes('\t')) throw new Unknown(1);
  const lines = text.split('\n');
  let root = null;
  let stack = []; // {indent, target: object | array | null, set}: a null target waits for its first line
  let longKey = null;
  const fresh = () => {
    root = null;
    stack = [{ indent: 0, target: null, set: (made) => { root = made; } }];
  };
  fresh();
  for (let n = 0; n < lines.length; n++) {
    const line = lines[n].endsWith('\r') ? lines[n].slice(0, -1) : lines[n];
    let indent = 0;
    while (line[indent] === ' ') indent++;
    const body = line.slice(indent).trimEnd();
    if (body === '' || body[0] === '#') continue;
    if (indent === 0 && body === '---') { fresh(); continue; }
    if (stack.length > 60) throw new Unknown(n + 1);
    // close what this line is not part of; a list may stand at its key's own indent
    const item = body === '-' || body.startsWith('- ');
    for (let top = stack[stack.length - 1]; ; top = stack[stack.length - 1]) {
      if (top.target === null) {
        if (indent > top.parent || top.parent === undefined) { top.indent = indent; top.target = item ? [] : Object.create(null); top.set(top.target); break; }
        if (item && indent === top.parent) { top.indent = indent; top.target = []; top.set(top.target); break; }
        top.set('');
        stack.pop();
      } else if (indent < top.indent || (indent === top.indent && Array.isArray(top.target) && !item && stack.length > 1)) stack.pop();
      else break;
      if (stack.length === 0) throw new Unknown(n + 1);
    }
    const top = stack[stack.length - 1];
    if (indent !== top.indent) throw new Unknown(n + 1);
    if (item) {
      if (!Array.isArray(top.target)) throw new Unknown(n + 1);
      const rest = body.slice(2).trim();
      if (rest === '' || (rest[0] !== '{' && rest[0] !== '[' && keyEnd(rest) >= 0)) throw new Unknown(n + 1);
      top.target.push(scalar(rest, n + 1));
      continue;
    }
    if (Array.isArray(top.target)) throw new Unknown(n + 1);
    let key, value;
    if (body.startsWith('? ')) { longKey = scalar(body.slice(2).trim(), n + 1); continue; }
    if (longKey !== null) {
      if (body !== ':' && !body.startsWith(': ')) throw new Unknown(n + 1);
      key = longKey; value = body.slice(1).trim(); longKey = null;
    } else {
      const end = keyEnd(body);
      if (end < 0) throw new Unknown(n + 1);
      key = scalar(body.slice(0, end), n + 1); value = body.slice(end + 1).trim();
    }
    if (typeof key !== 'string') throw new Unknown(n + 1);
    const target = top.target;
    if (value === '') stack.push({ indent: -1, parent: indent, target: null, set: (made) => { target[key] = made; } });
    else if (/^[|>][+-]?$/.test(value)) {
      const kept = [];
      while (n + 1 < lines.length && (lines[n + 1].trim() === '' || lines[n + 1].search(/[^ ]/) > indent)) kept.push(lines[++n].trim());
      target[key] = kept.join('\n').trim();
    } else target[key] = scalar(value, n + 1);
  }
  for (const left of stack) if (left.target === null && left.set && stack.length > 1) left.set('');
  return root;
}
