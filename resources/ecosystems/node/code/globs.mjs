// Patterns of file names: "*" within a folder, "**" over folders, "{a,b}" one of these. A pattern without a slash is a name anywhere.
const known = new Map();

export function matchesGlob(file, glob) {
  if (!known.has(glob)) {
    const text = glob.includes('/') ? glob.replace(/^\//, '') : '**/' + glob;
    let result = '', inside = 0;
    for (let i = 0; i < text.length; ++i) {
      const c = text[i];
      if (text.startsWith('**/', i)) { result += '(?:[^/]+/)*'; i += 2; }
      else if (text.startsWith('**', i)) { result += '.*'; i += 1; }
      else if (c === '*') result += '[^/]*';
      else if (c === '?') result += '[^/]';
      else if (c === '{') { result += '(?:'; ++inside; }
      else if (c === '}' && inside) { result += ')'; --inside; }
      else if (c === ',' && inside) result += '|';
      else result += c.replace(/[.+^$()|[\]\\]/, '\\$&');
    }
    known.set(glob, new RegExp('^' + result + ')'.repeat(inside) + '$'));
  }
  return known.get(glob).test(file);
}
