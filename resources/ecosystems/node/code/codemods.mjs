// What the makers' own codemods do. They never see the repository: the sources that one may change are laid out in a folder beside it,
// the codemod works there, and what it changed is taken from there, file by file, after it was looked at.
import fs from 'node:fs';
import path from 'node:path';
import { Source, readText } from './source.mjs';
import { matchesGlob } from './globs.mjs';

const mostCells = 1 << 20, mostPlaces = 200;

/** Of a line with a codemod's mark the comment that it stands in: the code beside it is nobody's to keep. */
function markOf(line, leaves) {
  const word = leaves.find((one) => line.includes(one));
  const at = line.indexOf(word);
  const start = Math.max(line.lastIndexOf('//', at), line.lastIndexOf('/*', at));
  const rest = line.slice(start < 0 ? at : start);
  const end = rest.indexOf('*/');
  return (start < 0 ? word : end < 0 ? rest : rest.slice(0, end + 2)).trim().slice(0, 200);
}

/// The sources that a codemod is about: those of its patterns that have one of its words.
export const meant = (project, { file_pattern, mentions }) => project.files()
  .filter((file) => file_pattern.some((glob) => matchesGlob(file, glob)) && mentions.some((word) => project.texts.get(file).includes(word))).sort();

/// Lays them out below \a folder, which must not be there yet.
export function layOut(project, files, folder) {
  fs.mkdirSync(folder);
  for (const file of files) {
    const whole = path.join(folder, file);
    fs.mkdirSync(path.dirname(whole), { recursive: true });
    fs.writeFileSync(whole, project.texts.get(file), { flag: 'wx' });
  }
}

/// First lines, from 1, of the stretches of \a before that \a after has otherwise.
export function changedLines(before, after) {
  const a = before.split('\n'), b = after.split('\n');
  let start = 0, end = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) ++start;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) ++end;
  const n = a.length - start - end, m = b.length - start - end;
  if (n * m > mostCells) return [start + 1];
  // The longest common subsequence of what is left.
  const row = m + 1, table = new Uint32Array((n + 1) * row);
  for (let i = n - 1; i >= 0; --i) for (let j = m - 1; j >= 0; --j)
    table[i * row + j] = a[start + i] === b[start + j] ? table[(i + 1) * row + j + 1] + 1 : Math.max(table[(i + 1) * row + j], table[i * row + j + 1]);
  const lines = [];
  let i = 0, j = 0, inside = false;
  while (i < n || j < m) {
    if (i < n && j < m && a[start + i] === b[start + j]) { ++i; ++j; inside = false; continue; }
    if (!inside) lines.push(Math.min(start + i + 1, a.length));
    inside = true;
    if (j >= m || (i < n && table[(i + 1) * row + j] >= table[i * row + j + 1])) ++i; else ++j;
  }
  return lines;
}

const reads = (file, text) => { try { new Source(file, text); return true; } catch { return false; } };

/// Every plain file below a folder, as far as \a most; links are none.
function filesBelow(folder, most) {
  const found = [], folders = [''];
  for (let at = 0; at < folders.length && found.length <= most; ++at)
    for (const entry of fs.readdirSync(path.join(folder, folders[at]), { withFileTypes: true })) {
      const name = folders[at] + entry.name;
      if (entry.isDirectory()) { if (folders.length <= most && entry.name !== 'node_modules') folders.push(name + '/'); } else found.push(name);
    }
  return found;
}

/// Takes over what one codemod made of its files: { rule, folder, files, leaves }. Returns { changes, byHand, reverted }, and the project holds
/// the new texts. A file that cannot be read afterwards stays as it was; files that it would add or remove are a person's to move.
export function takeOver(project, { rule, folder, files, leaves }) {
  const result = { changes: [], byHand: [], reverted: [] };
  const known = new Set(files), places = { changes: 0, byHand: 0 };
  const add = (list, place) => { if (places[list]++ < mostPlaces) result[list].push({ rule, ...place }); };
  for (const file of filesBelow(folder, 4 * files.length + 1000))
    if (!known.has(file)) { add('byHand', { file: files[0], line: 1, text: `the codemod would add the file ${file.slice(0, 200)}` }); if (places.byHand > 20) break; }
  for (const file of files) {
    const before = project.texts.get(file), whole = path.join(folder, file);
    let bytes = null;
    try {
      const handle = fs.openSync(whole, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
      try { if (fs.fstatSync(handle).isFile() && fs.fstatSync(handle).size <= 4 << 20) bytes = fs.readFileSync(handle); } finally { fs.closeSync(handle); }
    } catch { /* said below */ }
    if (!bytes) { add('byHand', { file, line: 1, text: 'the codemod would remove or rename this file' }); continue; }
    const { text, problem } = readText(bytes);
    if (text === before) continue;
    if (problem || !reads(file, text)) { result.reverted.push({ file, text: `the codemod ${rule} would have left it unreadable` }); continue; }
    for (const line of changedLines(before, text)) add('changes', { file, line });
    text.split('\n').forEach((line, i) => { if (leaves.some((word) => line.includes(word)) && !before.includes(line)) add('byHand', { file, line: i + 1, text: markOf(line, leaves) }); });
    project.change(file, text);
  }
  return result;
}
