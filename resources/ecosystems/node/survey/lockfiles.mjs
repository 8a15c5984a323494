// Reads the lockfile of a project into one shape, whichever manager wrote it:
//   version      as written
//   entries      Map id -> {id, name, version, registry: bool, host, bundled?, asks: () => [{id, key, range: as it is asked for, or null where the file does not keep it}]}
//   find(dir, key, range) -> {entry} | {link: true} | null     what stands at this place; dir is relative to the project
//   specifier(dir, key)   -> the range that the lockfile was written for, where it keeps one, else null
//   hasResolved, problems
import { hasConflict, limits, parseJson } from './text.mjs';
import { readNpmLock } from './lock-npm.mjs';
import { readPnpmLock } from './lock-pnpm.mjs';
import { readBerryLock, readClassicLock } from './lock-yarn.mjs';
import { parseYaml } from './yamlfile.mjs';

export function readLockfile(folder, file, manager, semver) {
  const fail = (code, text) => ({ version: null, broken: true, entries: new Map(), find: () => null, specifier: () => null, hasResolved: false, hosts: [], problems: [{ code, text }] });
  if (file.endsWith('bun.lock') || file.endsWith('bun.lockb')) return { ...fail('', ''), problems: [] };
  const got = folder.read(file, limits.lockfile);
  if (!got) return fail('unreadable', `${file} cannot be read.`);
  if (got.error) return fail(got.code, got.error);
  if (hasConflict(got.text)) return fail('merge-conflict', `${file} has merge conflict markers. Resolve the conflict first.`);
  let lock;
  try {
    if (file.endsWith('.json')) {
      const parsed = parseJson(got.text, file);
      if (parsed.error) return fail(parsed.code, parsed.error);
      lock = readNpmLock(parsed.value, file, semver);
    } else if (file.endsWith('pnpm-lock.yaml')) {
      const parsed = parseYaml(got.text, file);
      if (parsed.error) return fail(parsed.code, parsed.error);
      lock = readPnpmLock(parsed.value, file, semver);
    } else if (/^__metadata:/m.test(got.text.slice(0, 5000))) {
      const parsed = parseYaml(got.text, file);
      if (parsed.error) return fail(parsed.code, parsed.error);
      lock = readBerryLock(parsed.value, file, semver);
    } else lock = readClassicLock(got.text, file, semver);
  } catch (failure) {
    return fail('invalid-lockfile', `${file} cannot be read: ${String(failure.message).slice(0, 200)}`);
  }
  const hosts = new Set();
  for (const entry of lock.entries.values()) if (entry.host && hosts.size < 50) hosts.add(entry.host);
  return { ...lock, hosts: [...hosts].sort(), problems: lock.problems ?? [] };
}
