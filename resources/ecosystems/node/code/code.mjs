// Reads and changes a repository's code for new versions of its packages. Lives in the image, so no repository can change it; runs
// nothing of the repository and reaches nothing.
//   node code.mjs REQUEST.json
// REQUEST: { folder, files, uses: [packages] | null, node, steps: [{ package, modules, values, rules }], write, hold: [files that may be written] }
// "codemods": [{ rule, folder, files, leaves }], what these made of their files in that folder; it is taken over before the rules.
// Prints one JSON document: { files, problems, uses, broken, codemods, steps: [{ changes, byHand, unsure, reverted }], written }. With "texts"
// also what the files that change would hold. Or REQUEST: { examples: [{ step, examples }] }, see tryExamples(); or with "layOut":
// { file_pattern, mentions, to }: which files a codemod is about, { meant }, laid out in that folder when it is named.
import fs from 'node:fs';
import path from 'node:path';
import { Project } from './project.mjs';
import { findUses } from './uses.mjs';
import { findBroken } from './modules.mjs';
import { rewrite } from './rewrite.mjs';
import { layOut, meant, takeOver } from './codemods.mjs';

/// Tries the examples of rule files: { tried, failed: [{ package, rule, text }] }.
export function tryExamples(checks) {
  const answer = { tried: 0, failed: [] };
  for (const { step, examples } of checks) for (const rule of step.rules) for (const example of examples[rule.id] ?? []) {
    ++answer.tried;
    const fail = (text) => answer.failed.push({ package: step.package, rule: rule.id, text });
    const file = example.file ?? 'example.js', before = example.before ?? example.untouched, after = example.after ?? example.untouched;
    const project = Project.of({ [file]: before }), first = rewrite(project, step);
    if (project.problems.length) { fail(`the example ${project.problems[0].text}`); continue; }
    if (project.texts.get(file) !== after) { fail(`gives\n${project.texts.get(file)}instead of\n${after}`); continue; }
    const hand = first.byHand.filter((one) => one.rule === rule.id).map((one) => one.line);
    if (example.by_hand && JSON.stringify(hand) !== JSON.stringify(example.by_hand)) fail(`names the lines ${JSON.stringify(hand)} instead of ${JSON.stringify(example.by_hand)}`);
    const again = rewrite(project, step);
    if (again.changes.length || project.texts.get(file) !== after) fail('changes its own result a second time');
  }
  return answer;
}

export function run(request, project) {
  if (request.examples) return tryExamples(request.examples);
  const answer = { files: project.files().length, uses: {}, steps: [], written: [] };
  if (request.uses) answer.uses = findUses(project, request.uses);
  const before = new Map(project.texts);
  if (request.codemods) answer.codemods = request.codemods.map((one) => takeOver(project, one));
  if (request.layOut) {
    answer.meant = meant(project, request.layOut);
    if (request.layOut.to && answer.meant.length) layOut(project, answer.meant, request.layOut.to);
    return answer;
  }
  for (const step of request.steps ?? []) answer.steps.push(rewrite(project, step));
  answer.written = project.files().filter((file) => project.texts.get(file) !== before.get(file)).sort();
  // Of the code as it is after the rules: what they mended is not broken.
  if (request.uses?.length && request.node) {
    const told = new Set(answer.steps.flatMap((step, i) => step.byHand.map((one) => `${request.steps[i].package}\0${one.file}`)));
    answer.broken = findBroken(project, request.uses, request.node)
      .map((one) => ({ ...one, places: one.places.filter((place) => !told.has(`${one.package}\0${place.file}`)) })).filter((one) => one.places.length);
  }
  answer.problems = project.problems;
  if (request.texts) answer.texts = Object.fromEntries(answer.written.map((file) => [file, project.texts.get(file)]));
  return answer;
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fs.realpathSync(new URL(import.meta.url))) {
  const request = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
  const project = request.examples ? null : new Project(request.folder, request.files ?? fs.readdirSync(request.folder, { recursive: true }).map(String));
  const answer = run(request, project);
  if (request.write) {
    const other = answer.written.filter((file) => !request.hold.includes(file));
    if (other.length) throw new Error(`files that are not in the plan would change: ${other.slice(0, 5).join(', ')}`);
    for (const file of answer.written) {
      const whole = path.join(request.folder, file);
      // Never through a link: the file that was read is the one that is written.
      const handle = fs.openSync(whole, fs.constants.O_WRONLY | fs.constants.O_TRUNC | fs.constants.O_NOFOLLOW);
      try { fs.writeFileSync(handle, project.texts.get(file)); } finally { fs.closeSync(handle); }
    }
  }
  process.stdout.write(JSON.stringify(answer));
}
