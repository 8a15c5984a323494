// What the repository's own settings files ask for. They are read and reported, never obeyed.
import { clean, hasConflict, isObject, limits, own, record, safeUrl } from './text.mjs';
import { parseYaml } from './yamlfile.mjs';

// npm settings that change what an install does and are not followed here
const ignored = new Set(['global', 'location', 'before', 'offline', 'prefer-offline', 'dry-run', 'local-address', 'script-shell',
  'node-options', 'git', 'prefix', 'cache', 'userconfig', 'globalconfig', 'proxy', 'https-proxy', 'http-proxy', 'noproxy', 'cafile', 'ca', 'cert', 'key',
  'strict-ssl', 'tag', 'omit', 'include', 'install-links', 'install-strategy', 'legacy-bundling', 'global-style', 'force', 'viewer', 'editor', 'shell',
  'init-module', 'node-version', 'maxsockets', 'fetch-retries', 'fetch-timeout', 'replace-registry-host', 'ignore-scripts', 'onload-script']);
// those that the choosing program may want to know
const told = new Set(['min-release-age', 'minimum-release-age', 'engine-strict', 'legacy-peer-deps', 'strict-peer-deps', 'save-exact', 'save-prefix', 'package-lock', 'lockfile-version',
  'omit-lockfile-registry-resolved', 'node-linker', 'shared-workspace-lockfile', 'auto-install-peers', 'resolution-mode', 'link-workspace-packages']);

function iniLines(text) {
  const lines = [];
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === '' || line[0] === '#' || line[0] === ';' || line[0] === '[') continue;
    const equals = line.indexOf('=');
    let value = equals < 0 ? 'true' : line.slice(equals + 1).trim();
    if (/^(["']).*\1$/.test(value)) value = value.slice(1, -1);
    lines.push([(equals < 0 ? line : line.slice(0, equals)).trim(), value]);
    if (lines.length >= 2000) break;
  }
  return lines;
}

const isCredential = (key) => /(?:^|[:.])(?:_authToken|_auth|_password|username|certfile|keyfile|npmAuthToken|npmAuthIdent)$/i.test(key);
const scopeName = /^@[a-z0-9~][a-z0-9-._~]{0,200}$/i;

const unit = { ms: 1 / 60000, s: 1 / 60, m: 1, h: 60, d: 1440, w: 10080 };

/** How old a version must be before it is taken, by the manager's own word: {days, from, except: [names, "*" for any text]}; null: it has none. Each
 *  manager counts in its own way: npm in days (min-release-age), pnpm in minutes (minimumReleaseAge), Yarn in minutes or with a unit (npmMinimalAgeGate). */
export function minimumAge(manager, settings, at) {
  const file = (name) => (at === '' ? name : `${at}/${name}`);
  const list = (value) => (Array.isArray(value) ? value : []).slice(0, 500).filter((one) => typeof one === 'string').map((one) => clean(one, 214));
  let minutes = NaN, from = file('.npmrc'), except = [];
  if (manager === 'npm') minutes = Number(settings.settings['min-release-age'] ?? NaN) * 1440;
  if (manager === 'pnpm') {
    minutes = Number(settings.settings['minimum-release-age'] ?? NaN);
    const own_ = own(settings.pnpmWorkspace, 'minimumReleaseAge');
    if (own_ !== undefined) { minutes = Number(own_); from = file('pnpm-workspace.yaml'); }
    except = list(own(settings.pnpmWorkspace, 'minimumReleaseAgeExclude'));
  }
  if (manager === 'yarn-berry') {
    const [, number, name = 'm'] = /^\s*(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h|d|w)?\s*$/.exec(String(own(settings.yarnrc, 'npmMinimalAgeGate') ?? '')) ?? [];
    minutes = Number(number ?? NaN) * unit[name];
    from = file('.yarnrc.yml');
    except = list(own(settings.yarnrc, 'npmPreapprovedPackages'));
  }
  return minutes > 0 && minutes < Infinity ? { days: Math.min(Math.ceil(minutes / 1440), 36500), from, except } : null;
}

/** Whether a list of exceptions names a package: by its name, with "*" for any text, whatever versions stand behind it. */
export function isExcepted(name, except) {
  return except.some((one) => {
    const version = one.indexOf('@', 1), pattern = version > 0 ? one.slice(0, version) : one;
    const parts = pattern.split('*');
    if (parts.length === 1) return pattern === name;
    if (!name.startsWith(parts[0]) || !name.endsWith(parts.at(-1)) || name.length < parts[0].length + parts.at(-1).length) return false;
    let position = parts[0].length;
    for (const part of parts.slice(1, -1)) { const found = name.indexOf(part, position); if (found < 0) return false; position = found + part.length; }
    return position <= name.length - parts.at(-1).length;
  });
}

/** Settings of pnpm that say where packages and lockfiles lie: what does not stay in the project would lie beside the clone, where the job's own tools are. */
const places = new Set(['modules-dir', 'virtual-store-dir', 'lockfile-dir', 'shared-workspace-lockfile-dir', 'patches-dir']);
const leadsOut = (value) => typeof value !== 'string' || /^[~/\\]|\$\{/.test(value) || value.split(/[/\\]/).some((part) => part === '..' || part === '.git');

/** The settings of one project's folder: {registries, npm: {...}, yarnrc, pnpmWorkspace, packageLockOff}. */
export function readSettings(folder, at, warnings) {
  const file = (name) => (at === '' ? name : `${at}/${name}`);
  const registries = { default: null, scopes: record(), publish: null, wantsCredential: false, environment: [], from: [] };
  const settings = record();
  const result = { registries, settings, packageLockOff: false, offlineMirror: false, outside: null, yarnrc: null, pnpmWorkspace: null, problems: [] };

  const setRegistry = (scope, value, where) => {
    const url = safeUrl(value);
    if (/:\/\/[^/\s]*@/.test(value)) warnings.add('credential-in-file', `${where} has a registry address with a user name or password in it; it is not used.`, { file: where });
    if (!url) return void warnings.add('registry-unreadable', `${where} asks for a registry whose address cannot be read without the environment: ${clean(value.replace(/\/\/[^/@]*@/, '//'), 120)}`, { file: where });
    if (scope === null) registries.default = url;
    else if (scopeName.test(scope) && Object.keys(registries.scopes).length < 200) registries.scopes[scope] = url;
    else return;
    if (!registries.from.includes(where)) registries.from.push(where);
  };
  const credential = (value, where) => {
    registries.wantsCredential = true;
    for (const [, name] of value.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]{0,99})(?:[:?-][^}]{0,100})?\}/g)) {
      if (registries.environment.length < 20 && !registries.environment.includes(name)) registries.environment.push(name);
    }
    if (!/\$\{/.test(value)) warnings.add('credential-in-file', `${where} has a credential in it. It is not used, and it is better kept out of the repository.`, { file: where });
  };

  const npmrc = folder.read(file('.npmrc'), limits.other);
  if (npmrc?.error) warnings.add(npmrc.code, npmrc.error, { file: file('.npmrc') });
  if (npmrc?.text !== undefined) {
    const where = file('.npmrc');
    if (hasConflict(npmrc.text)) warnings.add('merge-conflict', `${where} has merge conflict markers.`, { file: where });
    for (const [key, value] of iniLines(npmrc.text)) {
      const lower = key.toLowerCase().replace(/_/g, '-');
      if (isCredential(key)) credential(value, where);
      else if (lower === 'registry') setRegistry(null, value, where);
      else if (/^@[^:]+:registry$/i.test(key)) setRegistry(key.slice(0, key.indexOf(':')), value, where);
      else if (ignored.has(lower)) {
        if (['script-shell', 'node-options', 'git', 'onload-script'].includes(lower)) warnings.add('ignored-setting', `${where} sets ${lower}, which would run or load something of the repository; it is not followed here.`, { file: where });
        else warnings.add('ignored-setting', `${where} sets ${lower}; it is not followed here.`, { file: where });
      } else if (told.has(lower)) settings[lower] = clean(value, 100);
      if (places.has(lower) && leadsOut(value)) result.outside ??= `${where} sets ${lower} to ${clean(value, 100)}`;
      if (lower === 'package-lock' && value === 'false') result.packageLockOff = true;
      if (lower === 'pnpmfile' || lower === 'global-pnpmfile') warnings.add('repository-code', `${where} names a pnpmfile; it is code of the repository and is not run.`, { file: where });
    }
    if (result.packageLockOff) warnings.add('package-lock-off', `${where} says package-lock=false: npm neither reads nor writes a lockfile here.`, { file: where });
  }

  const yarnrc = folder.read(file('.yarnrc'), limits.other);
  if (yarnrc?.text !== undefined) {
    const where = file('.yarnrc');
    for (const raw of yarnrc.text.split(/\r?\n/, 2000)) {
      const line = raw.trim();
      const space = line.indexOf(' ');
      if (space < 0 || line[0] === '#') continue;
      const key = line.slice(0, space).replace(/^"|"$/g, '');
      const value = line.slice(space + 1).trim().replace(/^"|"$/g, '');
      if (key === 'registry') setRegistry(null, value, where);
      else if (/^@[^:]+:registry$/.test(key)) setRegistry(key.slice(0, key.indexOf(':')), value, where);
      else if (key === 'yarn-offline-mirror') result.offlineMirror = true;
      else if (key === 'yarn-path') warnings.add('repository-code', `${where} names a Yarn of its own (yarn-path); it is code of the repository and is not run.`, { file: where });
      else if (isCredential(key)) credential(value, where);
    }
  }

  const berry = folder.read(file('.yarnrc.yml'), limits.other);
  if (berry?.error) warnings.add(berry.code, berry.error, { file: file('.yarnrc.yml') });
  if (berry?.text !== undefined) readYarnrcYml(berry.text, file('.yarnrc.yml'));

  function readYarnrcYml(text, where) {
    const parsed = parseYaml(text, where);
    if (parsed.error) return void warnings.add(parsed.code, parsed.error, { file: where });
    const yml = isObject(parsed.value) ? parsed.value : {};
    result.yarnrc = yml;
    if (typeof yml.npmRegistryServer === 'string') setRegistry(null, yml.npmRegistryServer, where);
    if (isObject(yml.npmScopes)) {
      for (const [scope, value] of Object.entries(yml.npmScopes).slice(0, 200)) {
        if (typeof own(value, 'npmRegistryServer') === 'string') setRegistry(`@${scope}`, value.npmRegistryServer, where);
        for (const key of Object.keys(isObject(value) ? value : {})) if (isCredential(key)) credential(String(value[key]), where);
      }
    }
    for (const key of Object.keys(yml)) if (isCredential(key)) credential(String(yml[key]), where);
    if (isObject(yml.npmRegistries)) for (const value of Object.values(yml.npmRegistries).slice(0, 200)) for (const key of Object.keys(isObject(value) ? value : {})) if (isCredential(key)) credential(String(value[key]), where);
    if (own(yml, 'yarnPath')) warnings.add('repository-code', `${where} names a Yarn of its own (yarnPath); it is code of the repository and is not run.`, { file: where });
    if (Array.isArray(own(yml, 'plugins')) && yml.plugins.length) warnings.add('repository-code', `${where} loads Yarn plugins; they are code of the repository and are not run. What they change in resolution is missing here.`, { file: where });
    if (own(yml, 'enableConstraintsChecks') === 'true' || folder.isFile(file('yarn.config.cjs'))) warnings.add('repository-code', `Yarn constraints (yarn.config.cjs) are code of the repository and are not run.`, { file: where });
    if (typeof own(yml, 'nodeLinker') === 'string') settings['node-linker'] = clean(yml.nodeLinker, 40);
  }

  const workspace = folder.read(file('pnpm-workspace.yaml'), limits.other);
  if (workspace?.error) result.problems.push({ code: workspace.code, text: workspace.error });
  if (workspace?.text !== undefined) {
    const where = file('pnpm-workspace.yaml');
    const parsed = parseYaml(workspace.text, where);
    if (parsed.error) result.problems.push({ code: parsed.code, text: parsed.error });
    result.pnpmWorkspace = isObject(parsed.value) ? parsed.value : {};
    for (const key of ['pnpmfile', 'globalPnpmfile', 'configDependencies']) {
      if (own(result.pnpmWorkspace, key)) warnings.add('repository-code', `${where} asks for ${key}; that is code and is not run. What it changes in resolution is missing here.`, { file: where });
    }
    for (const key of ['registry', 'scriptShell', 'nodeOptions']) {
      if (own(result.pnpmWorkspace, key) && key !== 'registry') warnings.add('ignored-setting', `${where} sets ${key}; it is not followed here.`, { file: where });
    }
    for (const [key, value] of Object.entries(result.pnpmWorkspace)) {
      if (places.has(key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)) && leadsOut(value)) result.outside ??= `${where} sets ${key} to ${clean(String(value), 100)}`;
    }
    const named = own(result.pnpmWorkspace, 'registries');
    if (isObject(named)) for (const [scope, url] of Object.entries(named).slice(0, 200)) if (typeof url === 'string') setRegistry(scope === 'default' ? null : scope, url, where);
    if (typeof own(result.pnpmWorkspace, 'registry') === 'string') setRegistry(null, result.pnpmWorkspace.registry, where);
  }
  for (const name of ['.pnpmfile.cjs', '.pnpmfile.mjs']) {
    if (folder.isFile(file(name))) warnings.add('repository-code', `${file(name)} changes what pnpm resolves; it is code of the repository and is not run.`, { file: file(name) });
  }
  if (folder.isFile(file('bunfig.toml'))) warnings.add('bun', `${file('bunfig.toml')} is there: Bun is not covered; its settings are not read.`, { file: file('bunfig.toml') });
  return result;
}
