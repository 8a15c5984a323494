// Reads and changes a repository's code for new versions of its packages. Lives in the image, so no repository can change it; runs
// nothing of the repository and reaches nothing.
//   node code.mjs REQUEST.json
// REQUEST: { folder, files, uses: [packages] | null, steps: [{ package, modules, values, rules }], write, hold: [files that may be written] }
// Prints one JSON document: { files, problems, uses, steps: [{ changes, byHand, unsure, reverted }], written }.
import fs from 'node:fs';
import path from 'node:path';
import { Project } from './project.mjs';
import { findUses } from './uses.mjs';
import { rewrite } from './rewrite.mjs';

export function run(request, project) {
  const answer = { files: project.files().length, uses: {}, steps: [], written: [] };
  if (request.uses) answer.uses = findUses(project, request.uses);
  const before = new Map(project.texts);
  for (const step of request.steps ?? []) answer.steps.push(rewrite(project, step));
  answer.written = project.files().filter((file) => project.texts.get(file) !== before.get(file)).sort();
  answer.problems = project.problems;
  return answer;
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fs.realpathSync(new URL(import.meta.url))) {
  const request = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
  const project = new Project(request.folder, request.files);
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
