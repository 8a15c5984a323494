#!/usr/bin/env node
// Forgets what an npm lockfile has for some packages and what is nested below them, so that npm resolves them anew: an old entry can stand
// against versions that fit together, or have an advisory. Of NAME@VERSION only entries of that version.
//
//   unlock.mjs [--or-fail] LOCK NAME[@VERSION]...     --or-fail: exit code 3 where there is nothing to forget
import fs from 'node:fs';

const args = process.argv.slice(2);
const orFail = args[0] === '--or-fail';
const [file, ...names] = args.slice(orFail ? 1 : 0);
if (!file || names.length === 0) { process.stderr.write('usage: unlock.mjs [--or-fail] LOCK NAME[@VERSION]...\n'); process.exit(2); }
const text = fs.readFileSync(file, 'utf8');
if (text.length > 64 << 20) { process.stderr.write(`unlock: ${file} is too large\n`); process.exit(1); }
const lock = JSON.parse(text.replace(/^\ufeff/, ''));
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
if (!isObject(lock)) { process.stderr.write(`unlock: ${file} is no lockfile\n`); process.exit(1); }
const gone = new Map(); // name -> Set of versions, or null: all
for (const one of names) {
  const at = one.indexOf('@', 1);
  const name = at < 0 ? one : one.slice(0, at);
  const versions = at < 0 || gone.get(name) === null ? null : gone.get(name) ?? new Set();
  versions?.add(one.slice(at + 1));
  gone.set(name, versions);
}
const goes = (name, version) => gone.has(name) && (gone.get(name) === null || gone.get(name).has(version));
let count = 0;

function fromPackages(entries) {
  const roots = [];
  for (const [place, item] of Object.entries(entries)) {
    const at = place.lastIndexOf('node_modules/');
    if (at < 0 || item?.link === true) continue;
    if (goes(place.slice(at + 'node_modules/'.length).replace(/\/$/, ''), item?.version)) roots.push(place);
  }
  const within = new Set(roots);
  for (const place of Object.keys(entries)) {
    // what is nested below: every folder above that goes takes it along
    for (let at = place.length; at > 0; at = place.lastIndexOf('/node_modules/', at - 1)) {
      if (!within.has(place.slice(0, at))) continue;
      delete entries[place];
      count++;
      break;
    }
  }
}

/** Version 1, without recursion because the nesting is the repository's choice. */
function fromTree(tree) {
  const todo = [tree];
  while (todo.length) {
    const level = todo.pop();
    for (const name of Object.keys(level)) {
      if (goes(name, level[name]?.version)) { delete level[name]; count++; } else if (isObject(level[name]?.dependencies)) todo.push(level[name].dependencies);
    }
  }
}

if (isObject(lock.packages)) {
  fromPackages(lock.packages);
  delete lock.dependencies; // what version 2 repeats for old npm; npm writes it again
} else if (isObject(lock.dependencies)) fromTree(lock.dependencies);
if (count === 0) process.exit(orFail ? 3 : 0);
fs.writeFileSync(file, `${JSON.stringify(lock, null, /^[ \t]+/m.exec(text)?.[0] ?? 2)}\n`);
