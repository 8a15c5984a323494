#!/usr/bin/env node
// As aside-pnpm.mjs, for Yarn: it fetches all that the lockfile has. So what cannot be had is taken out of the manifests, and what the lockfile had
// of it is put back when the others have moved and are installed.
//
//   aside-yarn.mjs out LOCK NAME...     what is there is kept (once), and the manifests go without these
//   aside-yarn.mjs merge LOCK NAME...   manifests as they were; the lockfile has these again as it had them
//   aside-yarn.mjs restore LOCK         manifests and lockfile as they were
//   aside-yarn.mjs without LOCK         what was installed from, for Yarn to run the install scripts ...
//   aside-yarn.mjs with LOCK            ... and what stood there
//
// LOCK is yarn.lock, or "" where there is none.
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';
import { contentsOf, keep, kept, manifestsIn, putBack, sections, takeOut } from './asidefiles.mjs';
import { openFolder, own } from './text.mjs';
import { blocksOf, headOf, isBerry, patternsOf, readBlock, textOf, trimEnd } from './yarnblocks.mjs';

const order = ['version', 'resolution', 'dependencies', 'peerDependencies', 'dependenciesMeta', 'peerDependenciesMeta', 'bin', 'checksum', 'conditions', 'languageName', 'linkType'];
/** What Yarn patches by itself or by a file of the project: NAME@RANGE of a key like "NAME@patch:NAME@npm%3ARANGE#…", or null. */
function patchOf(key) {
  const found = /^((?:@[^/@]+\/)?[^@]+)@patch:((?:@[^/@]+\/)?[^@]+)@([^#]*)/.exec(key);
  if (!found) return null;
  try { return `${found[1]}@${decodeURIComponent(found[3]).replace(/^npm:/, '')}`; } catch { return null; }
}

function parsed(text, berry) {
  const [top, ...blocks] = blocksOf(text);
  const byKey = new Map();
  for (const block of blocks) {
    block.patterns = patternsOf(block.head, berry);
    if (!block.patterns.length) block.patterns = [''];
    Object.assign(block, readBlock(block));
    block.workspace = /@workspace:/.test(block.resolution);
    for (const key of block.patterns) byKey.set(key, block);
  }
  return { top, blocks, byKey };
}

/** Lines of one section of a block, by the key of each with the lines below it. */
function sectionOf(block, name) {
  const at = block.lines.findIndex((line) => line.replace(/\r$/, '') === `  ${name}:`);
  if (at < 0) return null;
  const entries = [];
  let end = at + 1;
  for (; end < block.lines.length && block.lines[end].startsWith('    '); ++end) {
    if (block.lines[end].startsWith('     ')) { entries.at(-1)?.lines.push(block.lines[end]); continue; }
    entries.push({ key: /^    "?((?:@[^/"]+\/)?[^":\s]+)/.exec(block.lines[end])?.[1] ?? '', lines: [block.lines[end]] });
  }
  return { at, end, entries };
}

/** Of a workspace's block: what \a from says of \a names stands in \a to. */
function mergeWorkspace(from, to, names) {
  for (const name of ['dependencies', 'dependenciesMeta']) {
    const more = sectionOf(from, name)?.entries.filter((one) => names.includes(one.key)) ?? [];
    if (!more.length) continue;
    let there = sectionOf(to, name);
    if (!there) {
      const before = to.lines.findIndex((line) => order.indexOf(/^  (\w+):/.exec(line)?.[1] ?? '') > order.indexOf(name));
      const at = before < 0 ? trimEnd(to.lines).length : before;
      to.lines.splice(at, 0, `  ${name}:${from.lines[0].endsWith('\r') ? '\r' : ''}`);
      there = sectionOf(to, name);
    }
    const all = [...there.entries.filter((one) => !more.some((other) => other.key === one.key)), ...more];
    all.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    to.lines.splice(there.at + 1, there.end - there.at - 1, ...all.flatMap((one) => one.lines));
  }
}

/**
 * The lockfile \a now with what \a before had of \a names: { text } or { problem }. \a asked are the [name, range] of them in the manifests; with
 * `resolutions` another range may stand in the lockfile, then every entry of that name counts.
 */
export function mergedLock(before, now, names, asked) {
  const berry = isBerry(before);
  if (berry !== isBerry(now)) return { problem: 'Yarn wrote it in another version' };
  const old = parsed(before, berry), made = parsed(now, berry);
  const patches = new Map();
  if (berry) for (const key of old.byKey.keys()) { const of = patchOf(key); if (of !== null) patches.set(of, [...(patches.get(of) ?? []), key]); }
  const wanted = new Map(); // old block → its keys that are needed
  const open = [];
  const need = (name, range, direct) => {
    let keys = [`${name}@${range}`, ...(berry ? [`${name}@npm:${range}`] : [])].filter((key) => old.byKey.has(key));
    keys.push(...(patches.get(`${name}@${range.replace(/^npm:/, '')}`) ?? []));
    if (!keys.length && direct) keys = [...old.byKey.keys()].filter((key) => key.startsWith(`${name}@`) && !old.byKey.get(key).workspace);
    for (const key of keys) {
      const block = old.byKey.get(key);
      if (!wanted.has(block)) { wanted.set(block, new Set()); open.push(block); }
      wanted.get(block).add(key);
    }
    return keys.length > 0;
  };
  for (const [name, range] of asked) if (!need(name, range, true)) return { problem: `it has no entry of ${name}@${range}, and Yarn cannot make one here` };
  for (let block; (block = open.pop());) if (!block.workspace) for (const [name, range] of block.dependencies) need(name, range, false);
  if (berry) {
    for (const from of old.blocks.filter((one) => one.workspace)) {
      const to = made.byKey.get(from.patterns.find((key) => made.byKey.has(key)) ?? '');
      if (to) mergeWorkspace(from, to, names);
    }
  }
  const identity = (block) => `${block.patterns[0].slice(0, block.patterns[0].indexOf('@', 1))} ${block.resolution} ${block.version} ${block.resolved}`;
  const same = new Map(made.blocks.map((block) => [identity(block), block]));
  for (const [block, keys] of wanted) {
    const missing = [...keys].filter((key) => !made.byKey.has(key));
    if (!missing.length) continue;
    const there = same.get(identity(block));
    if (there) {
      there.patterns = [...there.patterns, ...missing].sort();
      there.head = headOf(there.patterns, berry);
    } else made.blocks.push({ ...block, patterns: missing.sort(), head: headOf(missing, berry) });
  }
  const keyOf = (block) => (berry ? block.patterns.join(', ') : block.patterns[0]);
  made.blocks.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
  return { text: textOf(made.top, made.blocks, now) };
}

function main() {
  const [what, lockfile, ...names] = process.argv.slice(2);
  const folder = openFolder('.');
  const fail = (text) => { process.stderr.write(`aside: ${text}\n`); process.exit(1); };
  const manifests = manifestsIn(folder, 'yarn');
  const locked = lockfile && folder.isFile(lockfile);
  const taken = () => contentsOf([...manifests, ...(locked ? [lockfile] : [])]);
  if (what === 'out') {
    if (!kept()) keep({ before: taken() });
    takeOut(folder, manifests, names);
  } else if (what === 'merge') {
    const files = new Map(kept().before);
    keep({ without: taken() });
    putBack([...files].filter(([file]) => file !== lockfile));
    if (!locked || !files.has(lockfile)) return;
    const asked = [];
    for (const [file, bytes] of files) {
      if (file === lockfile) continue;
      const manifest = JSON.parse(Buffer.from(bytes, 'base64').toString('utf8').replace(/^\ufeff/, ''));
      for (const section of sections) for (const name of names) if (typeof own(own(manifest, section), name) === 'string') asked.push([name, manifest[section][name]]);
    }
    const merged = mergedLock(Buffer.from(files.get(lockfile), 'base64').toString('utf8'), fs.readFileSync(lockfile, 'utf8'), names, asked);
    if (merged.problem) fail(`${lockfile} cannot be put together again: ${merged.problem}`);
    fs.writeFileSync(lockfile, merged.text);
  } else if (what === 'restore') {
    keep({ without: taken() });
    putBack(kept().before);
  } else if (what === 'without') {
    keep({ full: taken() });
    putBack(kept().without);
  } else if (what === 'with') putBack(kept().full);
  else {
    process.stderr.write('usage: aside-yarn.mjs out|merge|restore|without|with LOCK NAME...\n');
    process.exit(2);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();
