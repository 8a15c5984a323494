// The libraries that come with the installed npm.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';

export function loadTools(npmFolder) {
  const manifest = path.join(fs.realpathSync(npmFolder), 'package.json');
  const require = createRequire(manifest);
  const semver = require('semver');
  const npa = require('npm-package-arg');
  let defaultRegistry = null; // npm's own default: what lockfiles name although another registry is configured
  try { defaultRegistry = require('npm-registry-fetch/lib/default-opts.js').registry ?? null; } catch { /* another npm may keep it elsewhere */ }
  return { semver, npa, defaultRegistry, npmVersion: JSON.parse(fs.readFileSync(manifest, 'utf8')).version };
}

/** A range of the client's; null where semver does not know it or it is unreasonably long. */
export function validRange(semver, text) {
  if (typeof text !== 'string' || text.length > 500) return null;
  try { return semver.validRange(text, { loose: true }); } catch { return null; }
}

export function satisfies(semver, version, range) {
  try { return semver.satisfies(version, range, { loose: true }); } catch { return false; }
}
