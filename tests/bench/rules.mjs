// How long reading and changing code takes: the program of the image beside jscodeshift and ast-grep (by name alone, which edits
// what it should not), the same change on the same files in the same run.   node rules.mjs FOLDER   (OVVOC_TEST_NODE_MODULES as in the tests)
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync, spawnSync } from 'node:child_process';
import { program, ruleFile } from '../rules/rules.mjs';

const folder = path.resolve(process.argv[2]); // the programs run in other folders
const tools = path.join(folder, 'tools');
if (!fs.existsSync(path.join(tools, 'node_modules'))) {
  fs.mkdirSync(tools, { recursive: true });
  fs.writeFileSync(path.join(tools, 'package.json'), '{"private":true}');
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error', 'jscodeshift@17.4.0', `@ast-grep/cli-linux-${process.arch}-gnu@0.51.1`], { cwd: tools, stdio: 'inherit' });
}
const astGrep = path.join(tools, `node_modules/@ast-grep/cli-linux-${process.arch}-gnu/ast-grep`);
fs.chmodSync(astGrep, 0o755);
fs.writeFileSync(path.join(tools, 'transform.js'), `module.exports = (file, { j }) => { const root = j(file.source);
  root.find(j.MemberExpression, { object: { name: 'app' }, property: { name: 'del' } }).forEach((one) => { one.node.property.name = 'delete'; });
  return root.toSource(); };\n`);
fs.writeFileSync(path.join(tools, 'rule.yml'), 'id: del\nlanguage: JavaScript\nrule: { pattern: app.del($$$A) }\nfix: app.delete($$$A)\n');

/// 60 of 100 files import express; each has five KB.
function lay(count) {
  const place = path.join(folder, String(count));
  fs.rmSync(place, { recursive: true, force: true });
  const files = [];
  for (let i = 0; i < count; ++i) {
    const uses = i % 10 < 6;
    const name = `part${i % 40}/file${i}.js`;
    const lines = [uses ? "const express = require('express');\nconst app = express();" : 'const app = new Map();'];
    for (let k = 0; k < 6; ++k) lines.push(`app.${uses ? 'del' : 'get'}('/path${k}', (req, res) => { res.end('text ${k}'); });`);
    for (let k = 0; lines.join('\n').length < 4900; ++k) lines.push(`function work${k}(a, b) { const list = [a, b, ${k}].map((one) => one * 2); return list.filter((one) => one > ${k}); }`);
    fs.mkdirSync(path.join(place, path.dirname(name)), { recursive: true });
    fs.writeFileSync(path.join(place, name), lines.join('\n') + '\n');
    files.push(name);
  }
  return { place, files };
}
const timed = (command, args, cwd) => { const begin = process.hrtime.bigint(); const result = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 256 << 20 }); if (result.status !== 0) throw new Error(`${command}: ${result.stderr.slice(-400)}`); return [Number(process.hrtime.bigint() - begin) / 1e6, result.stdout]; };
const say = (what, ours, baseline, theirs) => console.log(`${what.padEnd(44)} ${ours.toFixed(0).padStart(8)} ms   ${baseline.padEnd(36)} ${theirs.toFixed(0).padStart(8)} ms   ratio ${(ours / theirs).toFixed(2)}`);

const express = ruleFile('express/4-to-5');
const request = path.join(folder, 'request.json');
for (const count of [1000, 10000]) {
  const { place, files } = lay(count);
  const ask = (more) => { fs.writeFileSync(request, JSON.stringify({ folder: place, files, steps: [], ...more })); return timed(process.execPath, ['--max-old-space-size=1024', program, request]); };
  const [analyze, said] = ask({ uses: ['express'] });
  if (JSON.parse(said).uses.express.files !== count * 0.6) throw new Error('it did not find all uses');
  const [one] = ask({ uses: null, steps: [{ ...express, rules: express.rules.filter((rule) => rule.id === 'del') }], write: true, hold: files });
  const changed = files.map((file) => fs.readFileSync(path.join(place, file), 'utf8'));
  lay(count);
  const [all] = ask({ uses: ['express'], steps: [express], write: true, hold: files });
  lay(count);
  const [shift] = timed(process.execPath, [path.join(tools, 'node_modules/jscodeshift/bin/jscodeshift.js'), '-t', path.join(tools, 'transform.js'), '--no-babel', '--parser=babel', '--silent', place], tools);
  if (!files.every((file, i) => fs.readFileSync(path.join(place, file), 'utf8') === changed[i])) throw new Error('the results differ');
  lay(count);
  const [grep] = timed(astGrep, ['scan', '-r', path.join(tools, 'rule.yml'), '-U', place]);
  say(`${count} files: where a package is used`, analyze, 'jscodeshift, one rename', shift);
  say(`${count} files: one rename`, one, 'jscodeshift, the same', shift);
  say(`${count} files: one rename`, one, 'ast-grep, the same by name alone', grep);
  say(`${count} files: all 15 rules of Express and uses`, all, 'jscodeshift, one rename', shift);
}
fs.rmSync(request);
