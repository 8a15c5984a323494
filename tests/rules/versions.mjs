// Installs both versions that a rule file names and runs its examples: "before" works with the old version and fails with the new one,
// "after" works with the new one.   node versions.mjs CACHE [PACKAGE...]
import fs from 'node:fs';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { ruleFiles } from './rules.mjs';

const [cache, ...only] = process.argv.slice(2);
const call = (command, args, folder) => new Promise((done) => execFile(command, args, { cwd: folder, timeout: 120_000, maxBuffer: 8 << 20 }, (error, out, err) => done({ code: error ? error.code ?? -1 : 0, text: String(err || out) })));

const started = new Map();
const installed = (name, version, others) => {
  const key = `${name}@${version}`;
  if (!started.has(key)) started.set(key, install(name, version, others));
  return started.get(key);
};

async function install(name, version, others) {
  const folder = path.join(cache, `${name}-${version}`.replaceAll('/', '+'));
  if (!fs.existsSync(path.join(folder, 'done'))) {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: { [name]: version, ...others } }));
    const result = await call('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], folder);
    if (result.code) throw new Error(`${name} ${version} cannot be installed: ${result.text.slice(0, 300)}`);
    fs.writeFileSync(path.join(folder, 'done'), '');
  }
  return folder;
}

let examples = 0;
async function runs(folder, text) {
  // Two rule files may use one version at the same time.
  const place = path.join(folder, `example${++examples}.${/^\s*(import|export)\b/m.test(text) ? 'mjs' : 'cjs'}`);
  fs.writeFileSync(place, text);
  try { return await call(process.execPath, [place], folder); } finally { fs.rmSync(place); }
}

let tried = 0, wrong = 0;
const files = ruleFiles().filter(({ document }) => !only.length || only.includes(document.package));
const work = async () => {
  for (let one; (one = files.shift());) {
    const { name, document } = one;
    const examples = document.rules.flatMap((rule) => (rule.examples ?? []).filter((example) => example.runs).map((example) => [rule, example]));
    if (!examples.length) continue;
    const { from, to, with: others = {} } = document.check;
    const side = (index) => Object.fromEntries(Object.entries(others).map(([key, versions]) => [key, versions[index]]));
    const old = await installed(document.package, String(from), side(0)), fresh = await installed(document.package, String(to), side(1));
    for (const [rule, example] of examples) {
      ++tried;
      const say = (what, result) => { ++wrong; console.log(`${name} ${rule.id}: ${what}\n${result.text.split('\n').slice(0, 12).join('\n')}`); };
      const first = await runs(old, example.before);
      if (first.code) say(`"before" fails with ${from}`, first);
      const second = await runs(fresh, example.before);
      if (!second.code && !example.deprecated) say(`"before" works with ${to} as well`, second);
      const third = await runs(fresh, example.after);
      if (third.code) say(`"after" fails with ${to}`, third);
    }
  }
};
await Promise.all([work(), work(), work()]);
console.log(`${tried} examples run with both versions, ${wrong} wrong`);
process.exit(wrong ? 1 : 0);
