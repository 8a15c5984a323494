// Applies the rules of one step of one package to a project: pass after pass until nothing changes, so that a second run finds nothing.
// A file that cannot be read afterwards is put back, and so is one that never comes to rest.
import { Edits } from './edits.mjs';
import { Source } from './source.mjs';
import { applyRule } from './shapes.mjs';
import { matchesGlob } from './globs.mjs';
import { Values } from './values.mjs';

const mostPasses = 24, mostSingles = 200;
/// The tree of a changed text; null when it is no code any more, which is the caller's to tell.
const treeOf = (file, text) => { try { return new Source(file, text); } catch { return null; } };
const code = ['*.{js,jsx,mjs,cjs,ts,tsx,mts,cts,vue,svelte}'];

/// The words without which a file has nothing for a rule.
function needles(rule) {
  const words = [];
  for (const text of [rule.target, rule.call, rule.construct, rule.read]) if (text) words.push(...text.split('.').at(-1).replace(/[()*@$%]/g, '').split('|'));
  return words.filter(Boolean);
}

/// The named values that the rules speak of, and those that these are made from: parameters are searched for in every file.
function usedValues(step) {
  const all = step.values ?? {}, used = new Set();
  const follow = (text) => {
    for (const found of String(text ?? '').matchAll(/@(?:\(([\w|]+)\)|(\w+))/g)) for (const name of (found[1] ?? found[2]).split('|')) {
      if (used.has(name) || !all[name]) continue;
      used.add(name);
      for (const one of all[name]) follow(typeof one === 'string' ? one : one.of);
    }
  };
  for (const rule of step.rules) for (const text of [rule.target, rule.call, rule.construct, rule.read, rule.jsx]) follow(text);
  // What the others would stand for is still known by its own name, so that a path does not fit by accident.
  return Object.fromEntries(Object.entries(all).map(([name, list]) => [name, used.has(name) ? list : list.filter((one) => typeof one === 'string')]));
}

/// step: { package, modules, values, rules }. Returns { changes, byHand, unsure, reverted }; the project holds the new texts.
export function rewrite(project, step) {
  const names = [step.package, ...step.modules ?? []];
  const result = { changes: [], byHand: [], unsure: [], reverted: [] };
  // Names change last: what is rewritten takes away uses of the old ones.
  const priority = (rule) => rule.priority ?? (rule.export !== undefined ? -1 : 0);
  const rules = [...step.rules].sort((a, b) => priority(b) - priority(a));
  const files = project.around(names);
  const values = new Values(project, names, usedValues(step), step.globals, step.submodules);
  values.strict = step.strict ?? {};
  const byModules = new Map();
  const valuesOf = (rule) => {
    if (rule.import === undefined) return values;
    const own = [rule.import].flat(), key = own.join(' ');
    if (!byModules.has(key)) byModules.set(key, new Values(project, own));
    return byModules.get(key);
  };
  if (!step.anywhere) values.prepare(files);
  const naming = new Map(); // by file those that name it
  if (values.parameters.length) for (const [file, others] of project.imports()) for (const other of others) naming.set(other, [...naming.get(other) ?? [], file]);
  const renew = (file) => { values.renew([file, ...naming.get(file) ?? []]); for (const one of byModules.values()) one.renew([]); };
  const near = new Set(files);
  const candidates = project.files().filter((file) => near.has(file) || step.anywhere || rules.some((rule) => rule.key !== undefined && !rule.call && !rule.construct && rule.file_pattern?.some((glob) => matchesGlob(file, glob))));
  for (const file of candidates) {
    const original = project.texts.get(file);
    const mine = rules.filter((rule) => (rule.file_pattern ?? code).some((glob) => matchesGlob(file, glob)));
    if (!mine.some((rule) => !needles(rule).length || needles(rule).some((word) => original.includes(word)))) continue;
    const changes = [];
    let byHand = [], unsure = [], rest = false;
    const refused = [], banned = new Set(), firstLook = new Map();
    for (let pass = 0; pass < mostPasses; ++pass) {
      const source = project.source(file);
      if (!source) break;
      if (pass > 0) renew(file);
      const edits = new Edits(source);
      edits.banned = banned;
      const seen = new Set();
      unsure = [];
      edits.unsure = (rule, node, name) => { const line = source.line(node); if (!seen.has(line) && unsure.length < 100) { seen.add(line); unsure.push({ rule: rule.id, file, line, text: name }); } };
      // What one rule writes another may look for.
      const text0 = project.texts.get(file), active = mine.filter((rule) => !needles(rule).length || needles(rule).some((word) => text0.includes(word)));
      for (const [i, rule] of active.entries()) {
        // One level of priority in one pass.
        if (edits.list.length && i > 0 && priority(rule) !== priority(active[i - 1])) break;
        const before = edits.byHand.length;
        applyRule(edits, valuesOf(rule), rule, values);
        // Of a text that was rewritten only the first look counts: the new one is written in other words.
        if (rule.strings && !firstLook.has(rule.id)) firstLook.set(rule.id, edits.byHand.slice(before));
      }
      byHand = [...edits.byHand.filter((one) => !firstLook.has(one.rule)), ...[...firstLook.values()].flat()];
      if (!edits.list.length) { rest = true; break; }
      const from = names.concat(mine.flatMap((rule) => rule.import ? [rule.import].flat() : []));
      let text = edits.result(from), changed = treeOf(file, text);
      if (!changed) {
        // One of them is wrong; the others are not to suffer for it.
        const all = edits.list;
        const good = all.length > mostSingles ? [] : all.filter((one) => { edits.keep([one]); return treeOf(file, edits.result(from)); });
        for (const one of all) if (!good.includes(one)) { banned.add(`${one.rule.id}:${one.line}`); refused.push({ rule: one.rule.id, file, line: one.line, text: 'it could not be written so that it can be read' }); }
        edits.keep(good);
        if (!good.length) continue;
        text = edits.result(from);
        changed = treeOf(file, text);
      }
      if (!changed) {
        result.reverted.push({ file, text: `the rules ${[...new Set(edits.list.map((one) => one.rule.id))].join(', ')} would have left it unreadable` });
        break;
      }
      project.change(file, text, changed);
      for (const one of edits.list) changes.push({ rule: one.rule.id, file, line: one.line });
    }
    if (!rest) {
      if (project.texts.get(file) !== original) { project.change(file, original); renew(file); }
      if (project.source(file) && !result.reverted.some((one) => one.file === file)) result.reverted.push({ file, text: 'the rules never come to an end in it' });
      continue;
    }
    result.changes.push(...changes);
    result.byHand.push(...[...byHand, ...refused].sort((a, b) => a.line - b.line));
    // A member of that name on something unknown is only worth a word where the package is used.
    if (names.some((name) => original.includes(name))) result.unsure.push(...unsure);
  }
  return result;
}
