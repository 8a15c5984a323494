#!/usr/bin/env node
// Sets dependencies aside that cannot be had in a cell (from git, from a registry that nobody named), so that the others
// can move and be installed. Runs in the project's folder while the gate is open and nothing of the repository has run.
//
//   aside.mjs pin LOCK NAME...        manifests ask for the locked version of these, which needs no look at where they are
//   aside.mjs unpin LOCK              the lockfile names what the manifests asked for before
//   aside.mjs optional LOCK NAME...   manifests and lockfile are kept; these become optional, so an install goes on without
//   aside.mjs back LOCK               what was kept stands again
//
// LOCK is npm's, or "" where there is none. State is kept in /tmp: nothing of the repository can have been there.
import fs from 'node:fs';
import path from 'node:path';
import { isObject, notes, openFolder, own } from './text.mjs';
import { findManifests, findMembers, readManifest, workspacePatterns } from './projects.mjs';
import { readSettings } from './settings.mjs';

const [what, lockfile, ...names] = process.argv.slice(2);
const state = '/tmp/ovvoc-aside.json';
const sections = ['dependencies', 'devDependencies', 'optionalDependencies'];
const folder = openFolder('.');
const root = readManifest(folder, '').manifest;
const members = findMembers({ folder, at: '', patterns: workspacePatterns('npm', root, readSettings(folder, '', notes(1))), candidates: findManifests(folder, notes(1)), problems: notes(1) });
const manifests = ['', ...members.map((one) => one.path)];
const fileOf = (at) => path.posix.join(at, 'package.json');

const readLock = () => (lockfile && folder.isFile(lockfile) ? JSON.parse(fs.readFileSync(lockfile, 'utf8').replace(/^\ufeff/, '')) : null);
/** As npm writes it: the indent and the line ends that are there. */
function write(file, value, like) {
  const indent = /^\{\r?\n([ \t]+)/.exec(like)?.[1] ?? '  ';
  const text = `${JSON.stringify(value, null, indent)}\n`;
  fs.writeFileSync(file, /\r\n/.test(like) ? text.replace(/\n/g, '\r\n') : text);
}
/** The version that the lockfile has where `at` would find the package. */
function locked(lock, at, name) {
  for (let folderOf = at; ; folderOf = path.posix.dirname(folderOf)) {
    const entry = own(lock?.packages, path.posix.join(folderOf === '.' ? '' : folderOf, 'node_modules', name));
    if (entry) return typeof entry.version === 'string' ? entry.version : null;
    if (folderOf === '' || folderOf === '.') return null;
  }
}
function each(change) {
  for (const at of manifests) {
    const { manifest } = readManifest(folder, at);
    let changed = false;
    for (const section of sections) {
      for (const name of names) if (isObject(own(manifest, section)) && typeof own(manifest[section], name) === 'string') changed = change(manifest, at, section, name) || changed;
    }
    if (changed) write(fileOf(at), manifest, fs.readFileSync(fileOf(at), 'utf8'));
  }
}

if (what === 'pin') {
  const lock = readLock();
  const pinned = [];
  each((manifest, at, section, name) => {
    const version = locked(lock, at, name);
    if (version === null) return false;
    pinned.push([at, section, name, manifest[section][name]]);
    manifest[section][name] = version;
    return true;
  });
  fs.writeFileSync(state, JSON.stringify(pinned));
} else if (what === 'unpin') {
  const lock = readLock();
  if (lock) {
    const text = fs.readFileSync(lockfile, 'utf8');
    for (const [at, section, name, range] of JSON.parse(fs.readFileSync(state, 'utf8'))) {
      const block = own(own(lock.packages, at), section);
      if (isObject(block) && own(block, name) !== undefined) block[name] = range;
    }
    write(lockfile, lock, text);
  }
} else if (what === 'optional') {
  const files = [...manifests.map(fileOf), ...(lockfile && folder.isFile(lockfile) ? [lockfile] : [])];
  fs.writeFileSync(`${state}.kept`, JSON.stringify(files.map((file) => [file, fs.readFileSync(file).toString('base64')])));
  const lock = readLock();
  each((manifest, at, section, name) => {
    const range = locked(lock, at, name) ?? manifest[section][name];
    delete manifest[section][name];
    manifest.optionalDependencies = { ...manifest.optionalDependencies, [name]: range };
    return true;
  });
} else if (what === 'back') {
  for (const [file, bytes] of JSON.parse(fs.readFileSync(`${state}.kept`, 'utf8'))) fs.writeFileSync(file, Buffer.from(bytes, 'base64'));
} else {
  process.stderr.write('usage: aside.mjs pin|unpin|optional|back LOCK NAME...\n');
  process.exit(2);
}
