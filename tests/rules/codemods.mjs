// Installs each codemod from its lockfile and tries the examples of the rules that name it: what it makes of "before" is "after", and what is
// "untouched" stays.   node codemods.mjs CACHE [CODEMOD...]
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ruleFiles, yaml } from './rules.mjs';

const [cache, ...only] = process.argv.slice(2);
fs.mkdirSync(cache, { recursive: true });
const top = fileURLToPath(new URL('../../resources/codemods/', import.meta.url));
const call = (command, args, cwd) => spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 300_000, maxBuffer: 8 << 20, env: { ...process.env, BABEL_DISABLE_CACHE: '1' } });
const ready = new Map();

function installed(id) {
  if (ready.has(id)) return ready.get(id);
  const folder = path.join(cache, `codemod-${id}`), definition = yaml.parse(fs.readFileSync(path.join(top, id, 'codemod.yml'), 'utf8'));
  const lock = fs.readFileSync(path.join(top, id, 'package-lock.json'), 'utf8');
  if (!fs.existsSync(path.join(folder, 'done')) || fs.readFileSync(path.join(folder, 'package-lock.json'), 'utf8') !== lock) {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'package-lock.json'), lock);
    fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: id, private: true, dependencies: JSON.parse(lock).packages[''].dependencies }));
    const done = call('npm', ['ci', '--ignore-scripts', '--omit=dev', '--omit=optional', '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error'], folder);
    if (done.status !== 0) throw new Error(`${id} cannot be installed: ${done.stderr.slice(0, 500)}`);
    fs.writeFileSync(path.join(folder, 'done'), '');
  }
  ready.set(id, { folder, definition });
  return ready.get(id);
}

let tried = 0, wrong = 0;
for (const { name, document } of ruleFiles()) for (const rule of document.rules) {
  if (rule.type !== 'codemod' || (only.length && !only.includes(rule.codemod))) continue;
  const { folder, definition } = installed(rule.codemod);
  const transform = path.join(folder, definition.transforms.replaceAll('${transform}', rule.transform));
  const say = (what) => { ++wrong; console.log(`${name} ${rule.id}: ${what}`); };
  if (!fs.existsSync(transform) && !fs.existsSync(`${transform}/index.js`)) say('there is no such transform');
  for (const example of rule.examples ?? []) {
    ++tried;
    const place = fs.mkdtempSync(path.join(cache, 'copy-')), file = path.join(place, example.file);
    const before = example.before ?? example.untouched, after = example.after ?? example.untouched;
    if (!rule.mentions.some((word) => before.includes(word)) && example.before) say('"before" has none of the words in mentions');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, before);
    const done = call(process.execPath, [path.join(folder, 'node_modules/jscodeshift/bin/jscodeshift.js'), '--run-in-band', '--no-babel', '--fail-on-error', '--parser=tsx',
      '--extensions=js,jsx,mjs,cjs,ts,tsx,mts,cts', `--transform=${transform}`, place], place);
    const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '(the file is gone)';
    if (done.status !== 0) say(`it fails: ${(done.stderr || done.stdout).slice(0, 400)}`);
    else if (text !== after) say(`gives\n${text}instead of\n${after}`);
    fs.rmSync(place, { recursive: true });
  }
}
console.log(`${tried} examples of codemods tried, ${wrong} wrong`);
process.exit(wrong ? 1 : 0);
