#!/usr/bin/env node
// Edits yarn.lock between two runs of Yarn, while the gate is open and nothing of the repository has run. Yarn forgets a locked version when
// the range that asks for it changes, and Yarn 1 fetches from whatever address the lockfile names.
//
//   relock.mjs move LOCK [NAME BEFORE AFTER]...   what was locked for NAME@BEFORE is locked for NAME@AFTER
//   relock.mjs forget LOCK [NAME@VERSION]...      what is locked at that version is resolved anew
//   relock.mjs here LOCK REGISTRY STATE YARN      addresses of the public registries become those of REGISTRY (Yarn 1, in the folder YARN)
//   relock.mjs back LOCK REGISTRY STATE           and become again what the lockfile had before
import fs from 'node:fs';
import { loadTools } from './tools.mjs';
import { blocksOf, headOf, isBerry, patternsOf, textOf } from './yarnblocks.mjs';

const [what, file, ...rest] = process.argv.slice(2);
const fail = (text) => { process.stderr.write(`relock: ${text}\n`); process.exit(1); };
if (!file || !['move', 'forget', 'here', 'back'].includes(what)) fail('usage: relock.mjs move|forget|here|back LOCK …');
if (!fs.existsSync(file)) process.exit(0); // without a lockfile there is nothing to keep
const text = fs.readFileSync(file, 'utf8');
if (text.length > 64 << 20) fail(`${file} is too large`);

function move(triples) {
  const berry = isBerry(text);
  const moves = new Map();
  for (let i = 0; i + 2 < triples.length; i += 3) {
    const [name, before, after] = triples.slice(i, i + 3);
    const key = (range) => `${name}@${berry && !/^[a-z]+:/.test(range) ? 'npm:' : ''}${range}`;
    // one version may have been pinned for several ranges
    if (before !== after) moves.set(key(before), [...(moves.get(key(before)) ?? []), key(after)]);
  }
  const list = blocksOf(text);
  const taken = new Set();
  for (const block of list) {
    if (block.head === null) continue;
    block.patterns = patternsOf(block.head, berry);
    block.moved = block.patterns.filter((one) => moves.has(one)).flatMap((one) => moves.get(one));
    for (const one of block.moved) taken.add(one);
  }
  const out = [];
  for (const block of list) {
    if (block.head === null) { out.push(block); continue; }
    const kept = block.patterns.filter((one) => !moves.has(one) && !taken.has(one));
    const patterns = [...new Set([...kept, ...block.moved])].sort();
    if (patterns.length === 0) continue; // another entry stands for all that asked for this one
    block.head = headOf(patterns, berry);
    block.first = patterns[0];
    out.push(block);
  }
  const [top, ...entries] = out;
  if (!berry) entries.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  return textOf(top, entries, text);
}

function forget(names) {
  const gone = new Set(names);
  const kept = blocksOf(text).filter((block) => {
    if (block.head === null) return true;
    const version = /^  version:? "?([^"\r]*)"?\r?$/.exec(block.lines.find((line) => line.startsWith('  version')) ?? '')?.[1];
    const berry = /^  resolution: "((?:@[^/]+\/)?[^@"]+)@/.exec(block.lines.find((line) => line.startsWith('  resolution:')) ?? '')?.[1];
    const first = berry === undefined ? patternsOf(block.head, false)[0] ?? '' : '';
    const at = first.indexOf('@', 1);
    const name = berry ?? /^npm:((?:@[^/]+\/)?[^@]+)/.exec(first.slice(at + 1))?.[1] ?? first.slice(0, at);
    return !gone.has(`${name}@${version}`);
  });
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  return kept.map((block) => (block.head === null ? '' : `${block.head}:\n`.replace('\n', end)) + block.lines.join('\n')).join('\n');
}

// The rest is Yarn 1's: every entry has its full address.
const address = /^(  resolved ")(https?:\/\/[^"\s#]+)/gm;
const slash = (url) => (url.endsWith('/') ? url : `${url}/`);

/** `yarn` is the folder of the Yarn that is used: it is read, because nothing may be started here. */
function publicRegistries(registry, yarn) {
  const list = [registry];
  const own = loadTools('/usr/local/lib/node_modules/npm').defaultRegistry;
  if (own) list.push(slash(own));
  try {
    const its = /\bYARN_REGISTRY\s*=\s*(?:exports\.\w+\s*=\s*)?['"](https?:\/\/[^'"\s]{1,200})['"]/.exec(fs.readFileSync(`${yarn}/lib/cli.js`, 'utf8'))?.[1];
    if (its) list.push(slash(its));
  } catch { /* an old Yarn; then its lockfile's own addresses are asked */ }
  return [...new Set(list)];
}

function here(registry, state, yarn) {
  const known = publicRegistries(slash(registry), yarn);
  const counts = new Map();
  let entries = 0, resolved = 0;
  for (const line of text.split('\n')) if (/^  version /.test(line)) entries++;
  const changed = text.replace(address, (all, before, url) => {
    resolved++;
    const from = known.find((one) => url.startsWith(one));
    if (!from) return all;
    counts.set(from, (counts.get(from) ?? 0) + 1);
    return `${before}${slash(registry)}${url.slice(from.length)}`;
  });
  const usual = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? known[known.length - 1];
  const of = {};
  text.replace(address, (all, before, url) => { const from = known.find((one) => url.startsWith(one)); if (from && from !== usual) of[url.slice(from.length)] = from; return all; });
  fs.writeFileSync(state, JSON.stringify({ usual, of, none: entries > 0 && resolved === 0 }));
  return changed;
}

function back(registry, state) {
  const { usual, of, none } = JSON.parse(fs.readFileSync(state, 'utf8'));
  if (none) return text.replace(/^  resolved "[^"\n]*"\r?\n/gm, '');
  return text.replace(address, (all, before, url) => {
    if (!url.startsWith(slash(registry))) return all;
    const path = url.slice(slash(registry).length);
    return `${before}${Object.prototype.hasOwnProperty.call(of, path) ? of[path] : usual}${path}`;
  });
}

const changed = what === 'move' ? move(rest) : what === 'forget' ? forget(rest) : what === 'here' ? here(...rest) : back(...rest);
if (changed !== text) fs.writeFileSync(file, changed);
