#!/usr/bin/env node
// Forgets what an npm lockfile (version 2 or 3) has for some packages and what is nested below them, so that npm resolves them anew: an old
// entry can stand against versions that fit together.
//
//   unlock.mjs LOCK NAME...
import fs from 'node:fs';

const [file, ...names] = process.argv.slice(2);
if (!file || names.length === 0) { process.stderr.write('usage: unlock.mjs LOCK NAME...\n'); process.exit(2); }
const text = fs.readFileSync(file, 'utf8');
if (text.length > 64 << 20) { process.stderr.write(`unlock: ${file} is too large\n`); process.exit(1); }
const lock = JSON.parse(text.replace(/^\ufeff/, ''));
const entries = lock.packages;
if (entries === null || typeof entries !== 'object') process.exit(3); // version 1: nothing that could be forgotten alone
const gone = new Set(names);
let count = 0;
for (const place of Object.keys(entries)) {
  if (place === '' || entries[place]?.link === true) continue;
  const parts = place.split('node_modules/').slice(1).map((part) => part.replace(/\/$/, ''));
  if (parts.some((part) => gone.has(part))) { delete entries[place]; count++; }
}
delete lock.dependencies; // what version 2 repeats for old npm; npm writes it again
if (count === 0) process.exit(3);
fs.writeFileSync(file, `${JSON.stringify(lock, null, /^[ \t]+/m.exec(text)?.[0] ?? 2)}\n`);
