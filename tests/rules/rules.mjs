// What the tests of code rules share: the rule files that the program brings along, and the engine on texts.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Project } from '../../resources/ecosystems/node/code/project.mjs';
import { run } from '../../resources/ecosystems/node/code/code.mjs';

const yaml = createRequire(import.meta.url)(process.env.OVVOC_SURVEY_YAML);
export const folder = fileURLToPath(new URL('../../resources/rules/', import.meta.url));

/// Every rule file: { name, document }.
export const ruleFiles = () => fs.readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.yml')).sort()
  .map((name) => ({ name, document: yaml.parse(fs.readFileSync(path.join(folder, name), 'utf8')) }));

/// Texts after the rules of some steps: { texts, answer }.
export function apply(texts, ...steps) {
  const project = Project.of(texts);
  const answer = run({ uses: [], steps }, project);
  return { texts: Object.fromEntries(project.texts), answer };
}
export { Project, run, yaml };
