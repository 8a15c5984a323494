// Workspace patterns against folder paths. Of our own, because the patterns are hostile: no regular expressions, bounded
// braces, and time that only grows with pattern times path. Knows * ** ? {a,b}; anything else stands for itself.

/** Expands {a,b}; at most 64 patterns come out. */
function braces(pattern) {
  let todo = [pattern];
  for (let round = 0; round < 8; round++) {
    const out = [];
    let any = false;
    for (const text of todo) {
      const close = text.indexOf('}');
      const open = close < 0 ? -1 : text.lastIndexOf('{', close);
      if (open < 0) { out.push(text); continue; }
      any = true;
      for (const part of text.slice(open + 1, close).split(',').slice(0, 64)) out.push(text.slice(0, open) + part + text.slice(close + 1));
    }
    todo = out.slice(0, 64);
    if (!any) break;
  }
  return todo;
}

/** One path segment against one pattern segment with * and ?. */
function segmentMatches(pattern, text) {
  if (pattern === text) return true;
  if (text.startsWith('.') && !pattern.startsWith('.')) return false;
  let p = 0, t = 0, star = -1, mark = 0;
  while (t < text.length) {
    if (p < pattern.length && (pattern[p] === text[t] || pattern[p] === '?')) { p++; t++; }
    else if (p < pattern.length && pattern[p] === '*') { star = p++; mark = t; }
    else if (star >= 0) { p = star + 1; t = ++mark; }
    else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

function pathMatches(pattern, path) {
  // possible[i]: the pattern's first n segments can end before path segment i
  let possible = new Set([0]);
  for (const segment of pattern) {
    const next = new Set();
    for (const at of possible) {
      if (segment === '**') for (let i = at; i <= path.length; i++) next.add(i);
      else if (at < path.length && segmentMatches(segment, path[at])) next.add(at + 1);
    }
    possible = next;
    if (possible.size === 0) return false;
  }
  return possible.has(path.length);
}

/** Patterns as npm, pnpm and Yarn take them: later ones win, `!` takes away. Returns a test for a path relative to the root. */
export function workspaceMatcher(patterns) {
  const rules = [];
  for (const raw of patterns.slice(0, 200)) {
    if (typeof raw !== 'string' || raw.length > 500) continue;
    const not = raw.startsWith('!');
    for (const one of braces(not ? raw.slice(1) : raw)) {
      const segments = one.replace(/\\/g, '/').split('/').filter((s) => s !== '' && s !== '.');
      if (segments.includes('..') || segments.length > 20) continue;
      rules.push({ not, segments });
    }
  }
  return (relative) => {
    const path = relative === '' ? [] : relative.split('/');
    if (path.includes('node_modules')) return false;
    let yes = false;
    for (const rule of rules) {
      if (rule.not !== yes) continue;
      if (pathMatches(rule.segments, path)) yes = !rule.not;
    }
    return yes;
  };
}
