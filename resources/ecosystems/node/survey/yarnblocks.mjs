// yarn.lock as blocks of lines, for edits that keep the rest to the byte: Yarn 1's and that of Yarn 2 and later ("berry").

/** Blocks of a lockfile: { head: text or null, lines }. A head stands at the line's begin and ends with a colon; the first block has none. */
export function blocksOf(text) {
  const list = [{ head: null, lines: [] }];
  for (const line of text.split('\n')) {
    const bare = line.replace(/\r$/, '');
    if (bare !== '' && bare[0] !== ' ' && bare[0] !== '#' && bare.endsWith(':') && bare !== '__metadata:') list.push({ head: bare.slice(0, -1), lines: [] });
    else list[list.length - 1].lines.push(line);
  }
  return list;
}

export const isBerry = (text) => /^__metadata:/m.test(text.slice(0, 5000));
const unquote = (one) => { try { return one[0] === '"' ? String(JSON.parse(one)) : one; } catch { return one; } };

function splitClassic(head) {
  const out = [];
  for (let at = 0; at < head.length;) {
    let end = head[at] === '"' ? head.indexOf('"', at + 1) + 1 : head.indexOf(',', at);
    if (end <= 0) end = head.length;
    out.push(unquote(head.slice(at, end).trim()));
    for (at = end; head[at] === ',' || head[at] === ' ';) at++;
  }
  return out;
}
/** As Yarn 1 writes a key (src/lockfile/stringify.js): quoted where a reader would take it for something else. */
function quoteClassic(one) {
  return /^(?:true|false)/.test(one) || /[:\s\n\\",[\]]/.test(one) || !/^[a-zA-Z]/.test(one) ? JSON.stringify(one) : one;
}

/** The patterns (NAME@RANGE) that a head stands for, and a head for patterns. */
export const patternsOf = (head, berry) => (berry ? unquote(head).split(', ') : splitClassic(head));
export const headOf = (patterns, berry) => (berry ? JSON.stringify(patterns.join(', ')) : patterns.map(quoteClassic).join(', '));

export function trimEnd(lines) {
  const copy = [...lines];
  while (copy.length && copy[copy.length - 1].trim() === '') copy.pop();
  return copy;
}

/** A lockfile of \a top (the first block) and \a entries, with the line ends of \a like. */
export function textOf(top, entries, like) {
  const end = like.includes('\r\n') ? '\r\n' : '\n';
  const body = entries.map((one) => `${one.head}:${end}${trimEnd(one.lines).join('\n')}\n`).join(end);
  return `${top.lines.join('\n').trimEnd()}${end}${isBerry(like) ? end : `${end}${end}`}${body}`;
}

/** Of a block: { version, resolution, resolved } and { dependencies: [[name, range]] }, optional ones with them. */
export function readBlock(block) {
  const found = { version: '', resolution: '', resolved: '', dependencies: [] };
  let section = '';
  for (const raw of block.lines) {
    const line = raw.replace(/\r$/, '');
    const top = /^  ([A-Za-z]+):?(?: (.*))?$/.exec(line);
    if (top) {
      section = top[2] === undefined ? top[1] : '';
      if (Object.hasOwn(found, top[1]) && top[1] !== 'dependencies' && top[2] !== undefined) found[top[1]] = unquote(top[2]);
      continue;
    }
    if (section !== 'dependencies' && section !== 'optionalDependencies') continue;
    const one = /^    ("(?:[^"\\]|\\.)*"|[^\s:"]+):? (.+)$/.exec(line);
    if (one) found.dependencies.push([unquote(one[1]), unquote(one[2])]);
  }
  return found;
}
