#!/usr/bin/env node
// Writes what of a project's .yarnrc.yml changes a resolution, and nothing that runs or loads something of the repository (yarnPath, plugins,
// constraints) or leads elsewhere (registries that nobody named, proxies, credentials), to a file of its own name above the clone: YARN_RC_FILENAME makes Yarn
// read that one instead. OVVOC_SCOPES="@NAME=URL @NAME=URL" are the registries that the client's settings name.
//
//   yarnrc.mjs ROOT PROJECT OUT YARN      ROOT: the clone; PROJECT: a folder in it; nearer files win, as in Yarn; YARN: its package.json
import fs from 'node:fs';
import path from 'node:path';
import { isObject, limits, openFolder } from './text.mjs';
import { parseYaml } from './yamlfile.mjs';

const kept = new Set(['nodeLinker', 'catalog', 'catalogs', 'packageExtensions', 'supportedArchitectures', 'compressionLevel', 'defaultSemverRangePrefix', 'nmHoistingLimits',
  'nmMode', 'nmSelfReferences', 'pnpMode', 'pnpFallbackMode', 'pnpIgnorePatterns', 'pnpEnableInlining', 'pnpEnableEsmLoader', 'winLinkType', 'checksumBehavior', 'cacheMigrationMode', 'enableTransparentWorkspaces',
  'tsEnableAutoTypes', 'dependenciesMeta', 'defaultProtocol', 'preferDeferredVersions']);
const [root, project, out, yarn] = process.argv.slice(2);
if (!yarn) { process.stderr.write('usage: yarnrc.mjs ROOT PROJECT OUT YARN\n'); process.exit(2); }
const folder = openFolder(root);
const relative = path.relative(folder.root, fs.realpathSync(project));
if (relative.startsWith('..')) { process.stderr.write('yarnrc: the project is not in the clone\n'); process.exit(2); }
const result = Object.create(null);
const parts = relative === '' ? [] : relative.split('/');
for (let depth = 0; depth <= parts.length; depth++) {
  const file = [...parts.slice(0, depth), '.yarnrc.yml'].join('/');
  const got = folder.read(file, limits.other);
  if (got?.error) { process.stderr.write(`yarnrc: ${got.error}\n`); process.exit(1); }
  if (got?.text === undefined) continue;
  const parsed = parseYaml(got.text, file);
  if (parsed.error) { process.stderr.write(`yarnrc: ${parsed.error}\n`); process.exit(1); }
  for (const [key, value] of Object.entries(isObject(parsed.value) ? parsed.value : {})) if (kept.has(key)) result[key] = value;
}
const scopes = (process.env.OVVOC_SCOPES ?? '').split(' ').filter(Boolean).map((one) => [one.slice(1, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]);
if (scopes.length) result.npmScopes = Object.fromEntries(scopes.map(([name, url]) => [name, { npmRegistryServer: url }]));
// which version is too young was chosen before; Yarn refuses what it does not know
const [major, minor] = JSON.parse(fs.readFileSync(yarn, 'utf8')).version.split('.').map(Number);
if (major > 4 || (major === 4 && minor >= 10)) result.npmMinimalAgeGate = '0';
// JSON is YAML; numbers and truth values are texts here, which Yarn takes as well
fs.writeFileSync(out, `${JSON.stringify(result, null, 1)}\n`);
