// Fetches what a project runs on: a Node or a package manager, by npm, which checks its integrity. Runs before anything works on the
// repository, and not in its folder.
//
//   fetch.mjs node PLACE RANGE                     the newest Node of the range that the registry carries
//   fetch.mjs manager PLACE PACKAGE VERSION ...    the first of the versions that there is, and its commands
//
// Prints {"version", "folder"}: the folder's bin holds the commands. Exits with 4 when there is none.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const npm = (folder, ...words) => execFileSync('/usr/local/bin/npm', words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 24 });

/** Unpacks one package into a new folder below `place`; null when the registry has no such version. */
function fetchPackage(place, spec, only) {
  mkdirSync(place, { recursive: true });
  const folder = mkdtempSync(join(place, '.new-'));
  try {
    const [got] = JSON.parse(npm(folder, 'pack', '--json', '--ignore-scripts', spec));
    execFileSync('/usr/bin/tar', ['-xzf', got.filename, '--no-same-owner', '--strip-components=1', ...only], { cwd: folder });
    rmSync(join(folder, got.filename));
    return { version: got.version, folder };
  } catch (error) {
    console.error(`${spec}: ${error.message.split('\n')[0]}`);
    rmSync(folder, { recursive: true, force: true });
    return null;
  }
}

/** Gives the folder its name; what is there of that name already is the same. */
function settle({ version, folder }, place, name) {
  const final = join(place, `${name}-${version}`);
  if (existsSync(final)) rmSync(folder, { recursive: true });
  else renameSync(folder, final);
  return { version, folder: final };
}

function fetchNode(place, range) {
  const got = fetchPackage(place, `node-linux-${process.arch}@${range}`, ['package/bin']);
  return got && settle(got, place, 'node');
}

function fetchManager(place, name, versions) {
  for (const version of versions) {
    const got = fetchPackage(place, `${name}@${version}`, []);
    if (!got) continue;
    const done = settle(got, place, name.replace(/^@[^/]*\//, ''));
    const { bin } = JSON.parse(readFileSync(join(done.folder, 'package.json'), 'utf8'));
    mkdirSync(join(done.folder, 'commands'), { recursive: true });
    for (const [command, file] of Object.entries(bin)) {
      // they run on whatever Node stands first, and by no shell: that would drop variables like npm_config_@scope:registry
      if (!/^[a-z]+$/.test(command) || !/^(?:\.\/)?[\w-][\w./-]*$/.test(file) || file.includes('..')) continue;
      const target = join(done.folder, file);
      if (/^#!\/usr\/bin\/env node\r?\n/.test(readFileSync(target, 'utf8').slice(0, 100))) {
        chmodSync(target, 0o755);
        symlinkSync(target, join(done.folder, 'commands', command));
      } else writeFileSync(join(done.folder, 'commands', command), `#!/bin/sh\nexec node ${target} "$@"\n`, { mode: 0o755 });
    }
    return done;
  }
  return null;
}

const [what, place, ...rest] = process.argv.slice(2);
const got = what === 'node' ? fetchNode(place, rest[0]) : what === 'manager' ? fetchManager(place, rest[0], rest.slice(1)) : null;
if (!got) process.exit(4);
console.log(JSON.stringify(got));
