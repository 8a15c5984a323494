// What setting aside does to manifests, whatever the manager: aside-pnpm.mjs and aside-yarn.mjs. Nothing of the repository is run.
import fs from 'node:fs';
import path from 'node:path';
import { isObject, notes, own } from './text.mjs';
import { findManifests, findMembers, readManifest, workspacePatterns } from './projects.mjs';
import { readSettings } from './settings.mjs';

const state = '/tmp/ovvoc-aside.json.kept'; // of all projects, by their folder: each is set aside for itself
const everything = () => (fs.existsSync(state) ? JSON.parse(fs.readFileSync(state, 'utf8')) : {});
/** What was kept of the project in whose folder this runs; null: nothing yet. */
export const kept = () => everything()[process.cwd()] ?? null;
export const keep = (more) => fs.writeFileSync(state, JSON.stringify({ ...everything(), [process.cwd()]: { ...kept(), ...more } }));

export const sections = ['dependencies', 'devDependencies', 'optionalDependencies'];

/** The manifests of the project in \a folder and of its members, from the project. */
export function manifestsIn(folder, manager) {
  const members = findMembers({ folder, at: '', patterns: workspacePatterns(manager, readManifest(folder, '').manifest, readSettings(folder, '', notes(1))), candidates: findManifests(folder, notes(1)), problems: notes(1) });
  return ['', ...members.map((one) => one.path)].map((at) => path.posix.join(at, 'package.json')).filter((file) => folder.isFile(file));
}

/** [file, bytes in base64] of each, and back. */
export const contentsOf = (files) => files.map((file) => [file, fs.readFileSync(file).toString('base64')]);
export const putBack = (contents) => { for (const [file, bytes] of contents) fs.writeFileSync(file, Buffer.from(bytes, 'base64')); };

/** Writes the manifests without what \a names name; the form does not matter, since they are written anew afterwards. */
export function takeOut(folder, manifests, names) {
  for (const file of manifests) {
    const { manifest } = readManifest(folder, path.posix.dirname(file) === '.' ? '' : path.posix.dirname(file));
    let changed = false;
    for (const section of sections) for (const name of names) if (isObject(own(manifest, section)) && own(manifest[section], name) !== undefined) { delete manifest[section][name]; changed = true; }
    if (changed) fs.writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  }
}
