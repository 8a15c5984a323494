// What the tests of code rules share: the rule files that the program brings along, and the engine on texts. The engine stands in the
// image beside the packages that it uses; here it is laid beside those of the tests.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const modules = process.env.OVVOC_TEST_NODE_MODULES;
export const yaml = createRequire(path.join(modules, 'x.js'))('yaml');
export const folder = fileURLToPath(new URL('../../resources/rules/', import.meta.url));
const engine = path.join(modules, 'code');
fs.cpSync(fileURLToPath(new URL('../../resources/ecosystems/node/code/', import.meta.url)), engine, { recursive: true });
export const { Project } = await import(pathToFileURL(path.join(engine, 'project.mjs')));
export const { run } = await import(pathToFileURL(path.join(engine, 'code.mjs')));
export const program = path.join(engine, 'code.mjs');

/// Every rule file: { name, document }.
export const ruleFiles = () => fs.readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.yml')).sort()
  .map((name) => ({ name, document: yaml.parse(fs.readFileSync(path.join(folder, name), 'utf8')) }));
export const ruleFile = (name) => yaml.parse(fs.readFileSync(path.join(folder, name + '.yml'), 'utf8'));

/// Texts after the rules of some steps, codemods left out: { texts, answer }.
export function apply(texts, ...steps) {
  const project = Project.of(texts);
  const answer = run({ uses: [], steps: steps.map((step) => ({ ...step, rules: step.rules.filter((rule) => rule.type !== 'codemod') })) }, project);
  return { texts: Object.fromEntries(project.texts), answer };
}
