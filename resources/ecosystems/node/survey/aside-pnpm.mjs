#!/usr/bin/env node
// As aside.mjs, for pnpm: its lockfile step asks the registry for every direct dependency, also for those that stay. So they are taken out of the
// manifests, and what the lockfile had of them is put back when the others have moved and are installed.
//
//   aside-pnpm.mjs out LOCK NAME...   what is there is kept (once), and the manifests go without these
//   aside-pnpm.mjs back LOCK NAME...  manifests as they were; the lockfile has these again as it had them
//
// LOCK is pnpm-lock.yaml of version 6 or 9, or "" where there is none. A peer of theirs that moved does not fit together with them: that is said as npm
// says it (ERESOLVE), and ends with 1.
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';
import { contentsOf, keep, kept, manifestsIn, putBack, sections, takeOut } from './asidefiles.mjs';
import { openFolder } from './text.mjs';

const spaced = new Set(['importers', 'packages', 'snapshots']); // their entries have a blank line before them

const unquoted = (key) => (/^'.*'$/.test(key) ? key.slice(1, -1).replaceAll("''", "'") : key);
const keyOf = (line) => unquoted(/^\s*('(?:[^']|'')*'|[^\s:][^:]*(?::(?!\s|$)[^:]*)*):(?:\s|$)/.exec(line)?.[1] ?? '');

/** A tree of lines by their indent: { key, line, children }. Blank lines stand for themselves only inside of an entry. */
export function treeOf(text) {
  const root = { key: '', line: null, indent: -1, children: [] };
  const open = [root];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; ++i) {
    let line = lines[i];
    let indent;
    if (line.trim() === '') {
      let next = i + 1;
      while (next < lines.length && lines[next].trim() === '') ++next;
      indent = next < lines.length ? /^ */.exec(lines[next])[0].length : 0;
      if (indent <= 2) continue;
      line = '';
    } else indent = /^ */.exec(line)[0].length;
    while (open.at(-1).indent >= indent) open.pop();
    const node = { key: line === '' ? '' : keyOf(line), line, indent, children: [] };
    open.at(-1).children.push(node);
    if (line !== '') open.push(node);
  }
  return root;
}

export function textOf(root) {
  const lines = [];
  const write = (node) => { lines.push(node.line); for (const child of node.children) write(child); };
  for (const [i, section] of root.children.entries()) {
    if (i > 0) lines.push('');
    lines.push(section.line);
    for (const child of section.children) {
      if (spaced.has(section.key)) lines.push('');
      write(child);
    }
  }
  return `${lines.join('\n')}\n`;
}

const child = (node, key) => node?.children.find((one) => one.key === key) ?? null;
const valueOf = (node) => (node ? unquoted(/:\s+(.*)$/.exec(node.line.slice(node.line.indexOf(node.key) + node.key.length))?.[1] ?? '') : '');

/** Nodes and more of them, each where its key belongs. */
function inOrder(nodes, more) {
  const rest = more.sort((a, b) => (a.key < b.key ? -1 : 1)), all = [];
  let next = 0;
  for (const node of nodes) {
    while (next < rest.length && rest[next].key < node.key) all.push(rest[next++]);
    all.push(node);
  }
  return [...all, ...rest.slice(next)];
}

/** Puts a node where its key belongs; one of that key goes. */
function put(parent, node) {
  parent.children = inOrder(parent.children.filter((one) => one.key !== node.key), [node]);
}

function sectionOf(importer, name, indent) {
  const found = child(importer, name);
  if (found) return found;
  importer.line = importer.line?.replace(/:\s*\{\}\s*$/, ':') ?? null;
  const made = { key: name, line: `${' '.repeat(indent)}${name}:`, indent, children: [] };
  const before = importer.children.findIndex((one) => sections.indexOf(one.key) > sections.indexOf(name));
  importer.children.splice(before < 0 ? importer.children.length : before, 0, made);
  return made;
}

/** The lockfile \a now with what \a before had of \a names: { text } or { conflict: [peer, by] } or { problem }. */
export function mergedLock(before, now, names) {
  const old = treeOf(before.replaceAll('\r\n', '\n')), made = treeOf(now);
  if (textOf(made) !== now) return { problem: 'it is not written as pnpm writes it' };
  const major = parseInt(valueOf(child(old, 'lockfileVersion')), 10);
  if (major !== 6 && major !== 9) return { problem: `its version is ${major || 'none'}` };
  const slash = major === 6 ? '/' : '';
  const graph = child(old, major === 9 ? 'snapshots' : 'packages');
  const bare = (key) => (key.includes('(') ? key.slice(0, key.indexOf('(')) : key);
  const wanted = new Set(); // keys of the graph
  const peers = []; // [peer, by]: what an entry of theirs was resolved with
  const inGraph = new Map((graph?.children ?? []).map((one) => [one.key, one]));
  const follow = (first, its) => {
    const open = [[first, its]];
    for (let next; (next = open.pop());) {
      const [name, version] = next;
      const key = slash + (version.startsWith('/') ? version.slice(1) : inGraph.has(slash + version) ? version : `${name}@${version}`);
      if (wanted.has(key) || !inGraph.has(key)) continue;
      wanted.add(key);
      for (const part of key.slice(bare(key).length).matchAll(/\(([^()]+)/g)) peers.push([part[1], bare(key)]);
      for (const section of ['dependencies', 'optionalDependencies'])
        for (const one of child(inGraph.get(key), section)?.children ?? []) open.push([one.key, valueOf(one)]);
    }
  };
  const importers = child(old, 'importers');
  const pairs = importers ? importers.children.map((one) => [one, child(child(made, 'importers'), one.key)]) : [[old, made]];
  for (const [from, to] of pairs) for (const name of sections) for (const one of child(from, name)?.children ?? []) {
    if (!names.includes(one.key)) continue;
    if (!to) return { problem: `it has no ${from.key} any more` };
    put(sectionOf(to, name, importers ? 4 : 0), one);
    follow(one.key, valueOf(child(one, 'version')));
  }
  // What the project itself has in another version now, they were resolved with in the old one.
  const direct = new Map();
  for (const [, to] of pairs) for (const name of sections) for (const one of child(to, name)?.children ?? []) {
    if (!direct.has(one.key)) direct.set(one.key, new Set());
    direct.get(one.key).add(bare(valueOf(child(one, 'version'))));
  }
  for (const [peer, by] of peers) {
    const at = peer.indexOf('@', 1), versions = direct.get(peer.slice(0, at));
    if (versions && !versions.has(peer.slice(at + 1))) return { conflict: [peer, by.slice(slash.length)] };
  }
  for (const name of major === 9 ? ['packages', 'snapshots'] : ['packages']) {
    let target = child(made, name);
    if (!target) { target = { key: name, line: `${name}:`, indent: 0, children: [] }; made.children.push(target); }
    const had = new Map((child(old, name)?.children ?? []).map((one) => [one.key, one])), has = new Map(target.children.map((one) => [one.key, one]));
    const missing = new Map();
    for (const key of wanted) {
      const own_ = name === 'packages' && major === 9 ? bare(key) : key;
      const node = had.get(own_), there = has.get(own_);
      if (!node) continue;
      if (!there) { missing.set(own_, node); continue; }
      // Who needs it decides whether it is for development, or optional.
      there.children = [...there.children.filter((one) => one.key !== 'dev' && one.key !== 'optional'), ...node.children.filter((one) => one.key === 'dev' || one.key === 'optional')];
    }
    target.children = inOrder(target.children, [...missing.values()]);
  }
  // Catalogs name what is used of them.
  for (const catalog of child(old, 'catalogs')?.children ?? []) for (const one of catalog.children) {
    if (!names.includes(one.key)) continue;
    let all = child(made, 'catalogs');
    if (!all) { all = { key: 'catalogs', line: 'catalogs:', indent: 0, children: [] }; made.children.splice(made.children.findIndex((section) => section.key === 'importers'), 0, all); }
    let to = child(all, catalog.key);
    if (!to) { to = { ...catalog, children: [] }; put(all, to); }
    put(to, one);
  }
  return { text: textOf(made) };
}

function main() {
  const [what, lockfile, ...names] = process.argv.slice(2);
  const folder = openFolder('.');
  const manifests = manifestsIn(folder, 'pnpm');
  const locked = lockfile && folder.isFile(lockfile);
  if (what === 'out') {
    if (!kept()) keep({ before: contentsOf([...manifests, ...(locked ? [lockfile] : [])]) });
    takeOut(folder, manifests, names);
  } else if (what === 'back') {
    const files = new Map(kept().before);
    putBack([...files].filter(([file]) => file !== lockfile));
    if (!locked || !files.has(lockfile)) return;
    const merged = mergedLock(Buffer.from(files.get(lockfile), 'base64').toString('utf8'), fs.readFileSync(lockfile, 'utf8'), names);
    if (merged.conflict) {
      const at = merged.conflict[0].indexOf('@', 1);
      process.stderr.write(`ERESOLVE: locked with what cannot be had here:\n  peer ${merged.conflict[0].slice(0, at)}@"${merged.conflict[0].slice(at + 1)}" from ${merged.conflict[1]}\n`);
      process.exit(1);
    }
    if (merged.problem) { process.stderr.write(`aside: ${lockfile} cannot be put together again: ${merged.problem}\n`); process.exit(1); }
    fs.writeFileSync(lockfile, merged.text);
  } else {
    process.stderr.write('usage: aside-pnpm.mjs out|back LOCK NAME...\n');
    process.exit(2);
  }
}
if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) main();
