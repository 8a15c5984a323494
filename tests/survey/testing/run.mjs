// Lays a repository down from {path: text or object} and runs the survey over it.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const program = fileURLToPath(new URL('../../../resources/ecosystems/node/survey/survey.mjs', import.meta.url));
export const npm = process.env.SURVEY_NPM ?? path.join(execFileSync('npm', ['root', '-g'], { encoding: 'utf8' }).trim(), 'npm');
const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'survey-test-'));
process.on('exit', () => fs.rmSync(temp, { recursive: true, force: true }));
let count = 0;

export function lay(files) {
  const folder = path.join(temp, String(++count));
  fs.mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    const full = path.join(folder, name);
    fs.mkdirSync(path.dirname(full), { recursive: true });
    fs.writeFileSync(full, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content, null, 2));
  }
  return folder;
}

export function start(folder, registry, more = [], env = {}) {
  return new Promise((resolve) => {
    const args = [program, '--folder', folder, '--registry', registry, '--npm', npm, ...more];
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/proxy/i.test(name)));
    const child = spawn(process.execPath, args, { env: { ...clean, SURVEY_DEBUG: '1', ...env } });
    const started = Date.now();
    let out = '', err = '';
    child.stdout.on('data', (p) => { out += p; });
    child.stderr.on('data', (p) => { err += p; });
    child.on('close', (code) => resolve({ code, out, err, ms: Date.now() - started }));
  });
}

export async function survey(files, registry, more = [], env = {}) {
  const folder = typeof files === 'string' ? files : lay(files);
  const run = await start(folder, registry, more, env);
  if (run.code !== 0) throw new Error(`exit ${run.code}: ${run.err}`);
  if (run.err) throw new Error(`stderr: ${run.err}`);
  const doc = JSON.parse(run.out);
  const project = doc.projects[0];
  return { doc, project, ms: run.ms, bytes: run.out.length, dep: (name, p = project) => p.dependencies.find((one) => one.alias === name || one.name === name), warning: (code) => doc.warnings.find((one) => one.code === code), problem: (code, p = project) => p.problems.find((one) => one.code === code) };
}

/** A package-lock.json of version 3 for {location: version or object} below a root manifest. */
export function lock3(root, packages, version = 3) {
  return { name: root.name ?? 'x', lockfileVersion: version, requires: true, packages: { '': root, ...Object.fromEntries(Object.entries(packages).map(([at, item]) => [at.startsWith('/') ? at.slice(1) : `node_modules/${at}`, typeof item === 'string' ? { version: item } : item])) } };
}
