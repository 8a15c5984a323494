// What one line `name: text` of a manifest means: where the package comes from, and which part of the text is a range.
import { clean, isObject, own } from './text.mjs';
import { validRange } from './tools.mjs';

const nameShape = /^(?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~_-][\w.~-]*$/i;
const strip = (text) => clean(text.replace(/\/\/[^/@\s]*@/, '//'), 200);

const stay = (kind, reasonCode, reason) => ({ kind, reasonCode, reason, moves: false });

/** {kind, name, alias, range, prefix, moves, reasonCode, reason, catalog, tag}. `range` is the text without its prefix. */
export function classify({ semver, npa, folder, key, text, memberNames, catalogs }) {
  const base = { kind: 'unknown', name: key, alias: null, range: typeof text === 'string' ? clean(text, 500) : '', prefix: '', moves: true, reasonCode: '', reason: '', catalog: null, tag: null };
  const done = (more) => ({ ...base, ...more });
  if (key.length > 214 || !nameShape.test(key)) return done({ ...stay('unknown', 'invalid', 'Its name is not one that a registry can have.'), name: clean(key, 214) });
  if (typeof text !== 'string') return done(stay('unknown', 'invalid', 'What stands for it in the manifest is not a text.'));
  if (text.length > 1000) return done(stay('unknown', 'invalid', 'What stands for it in the manifest is longer than any range.'));
  const spec = text.trim();
  if (spec.startsWith('workspace:')) return done(stay('workspace', 'workspace', 'It is a member of this workspace.'));
  if (spec.startsWith('catalog:')) return fromCatalog(spec.slice('catalog:'.length).trim() || 'default');
  if (spec.startsWith('link:') || spec.startsWith('portal:')) return done(stay('link', 'link', 'It is linked from a folder.'));
  if (spec.startsWith('patch:')) return done(stay('unknown', 'patch', 'It is patched in the manifest (patch:); the patch belongs to the version that is there.'));
  if (/^(?:exec|jsr|root|virtual):/.test(spec)) return done(stay('unknown', 'unknown', `It comes by ${spec.slice(0, spec.indexOf(':'))}:, which is not covered.`));

  let range = spec, prefix = '';
  if (spec.startsWith('npm:')) {
    const rest = spec.slice(4);
    const at = rest.indexOf('@', 1);
    const target = at < 0 ? rest : rest.slice(0, at);
    if (validRange(semver, rest) !== null && !nameShape.test(target)) { range = rest; prefix = 'npm:'; } // Yarn: npm:^1.0.0
    else {
      if (!nameShape.test(target)) return done(stay('unknown', 'invalid', `${strip(spec)} is not an alias that can be read.`));
      range = at < 0 ? '' : rest.slice(at + 1);
      const known = validRange(semver, range) !== null;
      return done({
        kind: 'registry', name: target, alias: key, range: clean(range, 500), prefix: `npm:${target}${at < 0 ? '' : '@'}`, moves: false, reasonCode: known ? 'alias' : 'invalid',
        reason: known ? target === key ? 'It is named by an alias of its own name, and aliases stay as they are.' : `It is ${target} under the name ${key}, and aliases stay as they are.` : `${strip(spec)} has no range that can be read.`,
      });
    }
  }
  if (memberNames.has(key) && validRange(semver, range) !== null) return done(stay('workspace', 'workspace', 'It is a member of this workspace.'));
  if (range === '' || validRange(semver, range) !== null) return done({ kind: 'registry', range, prefix });

  let parsed;
  try { parsed = npa.resolve(key, range, folder); } catch { return done(stay('unknown', 'invalid', `${strip(spec)} is not a range that can be read.`)); }
  switch (parsed.type) {
    case 'git': return done({ ...stay('git', 'git', `It comes from git (${strip(spec)}), not from a registry.`), range: strip(spec) });
    case 'remote': return done({ ...stay('tarball', 'tarball', `It comes from an address (${strip(spec)}), not from a registry.`), range: strip(spec) });
    case 'file': case 'directory': return done(stay('file', 'file', `It comes from a file or folder (${strip(spec)}).`));
    case 'tag': return done({ kind: 'registry', range, prefix, tag: range, moves: false, reasonCode: 'tag', reason: `Its range is the tag "${clean(range, 60)}", which an install without a lockfile follows; what a lockfile has of it stays, and is not moved here.` });
    default: return done(stay('unknown', 'invalid', `${strip(spec)} is not a range that can be read.`));
  }

  function fromCatalog(name) {
    const found = catalogs.find((one) => one.name === name);
    const value = own(found?.entries, key);
    if (typeof value !== 'string') return done(stay('unknown', 'invalid', `It stands in the catalog "${clean(name, 60)}", which has no such line.`));
    const inner = value.startsWith('catalog:') ? done(stay('unknown', 'invalid', 'Its catalog line names a catalog again.')) : classify({ semver, npa, folder, key, text: value, memberNames, catalogs: [] });
    return { ...inner, catalog: { file: found.file, section: found.section, path: [...found.path, key] } };
  }
}

/** The catalogs of pnpm-workspace.yaml or .yarnrc.yml: [{name, file, section, path, entries}]. */
export function readCatalogs(document, file) {
  const list = [];
  if (isObject(own(document, 'catalog'))) list.push({ name: 'default', file, section: 'catalog', path: ['catalog'], entries: document.catalog });
  const named = own(document, 'catalogs');
  if (isObject(named)) for (const [name, entries] of Object.entries(named).slice(0, 200)) if (isObject(entries)) list.push({ name, file, section: `catalogs.${clean(name, 60)}`, path: ['catalogs', name], entries });
  return list;
}

/** Literal and other overrides of the root manifest: [{name, file, section, path, range, scoped, selector}]. */
export function readOverrides({ manager, manifest, file, workspace, workspaceFile }) {
  const list = [];
  const sources = [];
  if (manager === 'npm') sources.push([file, 'overrides', ['overrides'], own(manifest, 'overrides')]);
  if (manager === 'pnpm') {
    sources.push([file, 'pnpm.overrides', ['pnpm', 'overrides'], own(own(manifest, 'pnpm'), 'overrides')]);
    sources.push([workspaceFile, 'overrides', ['overrides'], own(workspace, 'overrides')]);
  }
  if (manager !== 'npm') sources.push([file, 'resolutions', ['resolutions'], own(manifest, 'resolutions')]);
  for (const [where, section, path, object] of sources) {
    const todo = [[path, object, 0]];
    while (todo.length && list.length < 2000) {
      const [at, level, depth] = todo.pop();
      if (!isObject(level)) continue;
      for (const key of Object.keys(level).slice(0, 2000)) {
        if (key.length > 300) continue;
        const value = level[key];
        const below = [...at, key];
        if (typeof value === 'string') {
          const target = key === '.' ? at[at.length - 1] : key; // {"ms": {".": "2.1.1"}}
          const named = target.split(/>|\/\*\*\/|^\*\*\//).pop();
          const parts = manager === 'npm' || manager === 'pnpm' ? [named] : splitYarnPath(named);
          const last = parts[parts.length - 1];
          const mark = last.indexOf('@', 1);
          const name = mark < 0 ? last : last.slice(0, mark);
          const nested = key === '.' ? depth > 1 : depth > 0;
          const scoped = nested || parts.length > 1 || (named !== target && !target.startsWith('**/')) || target.replace(/^\*\*\//, '').includes('/**/');
          list.push({ name, file: where, section, path: below, range: value.trim(), scoped, selector: mark < 0 ? null : last.slice(mark + 1).replace(/^npm:/, '') });
        } else if (isObject(value) && depth < 10 && manager === 'npm') todo.push([below, value, depth + 1]);
      }
    }
  }
  return list;
}

/** a/b and @s/a/@s/b of Yarn's resolutions. */
function splitYarnPath(text) {
  const words = text.split('/');
  const out = [];
  for (let i = 0; i < words.length; i++) out.push(words[i].startsWith('@') && i + 1 < words.length ? `${words[i]}/${words[++i]}` : words[i]);
  return out;
}
