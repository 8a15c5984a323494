// The sources of one project: which there are, what they import of each other, each parsed once.
import fs from 'node:fs';
import path from 'node:path';
import { Source, extensions, largestFile, readText } from './source.mjs';

const mostFiles = 50_000, mostText = 256 << 20, mostKept = 4 << 20;
const local = /["'`](\.{1,2}(?:\/[^"'`\n]{0,400})?)["'`]/g;
const skippedFolders = /(^|\/)(node_modules|\.git|\.yarn|bower_components|jspm_packages)(\/|$)/;
const minified = /\.min\.[cm]?js$/;

export class Project {
  /// folder: where the files are; files: from there, those that may be read and changed.
  constructor(folder, files) {
    this.folder = folder;
    this.problems = [];
    this.texts = new Map();
    this.sources = new Map();
    this.keptText = 0;
    let total = 0;
    for (const file of files.slice(0, mostFiles)) {
      const extension = path.extname(file).toLowerCase();
      if (!extensions.includes(extension) || skippedFolders.test(file) || minified.test(file)) continue;
      const whole = path.join(folder, file);
      const info = fs.lstatSync(whole, { throwIfNoEntry: false });
      if (!info?.isFile()) continue;
      if (info.size > largestFile) { this.problem(file, `is larger than ${largestFile >> 20} MB`); continue; }
      if ((total += info.size) > mostText) { this.problem(file, `and what follows was not read: more than ${mostText >> 20} MB of code`); break; }
      const { text, problem } = readText(fs.readFileSync(whole));
      if (problem) this.problem(file, problem);
      else this.texts.set(file, text);
    }
    if (files.length > mostFiles) this.problem(files[mostFiles], `and what follows was not read: more than ${mostFiles} files`);
  }

  /// A project of texts that are in no folder.
  static of(texts) {
    const project = new Project('/', []);
    for (const [file, text] of Object.entries(texts)) project.texts.set(file, text);
    return project;
  }

  problem(file, text) { if (this.problems.length < 200 && !this.problems.some((one) => one.file === file)) this.problems.push({ file, text }); }
  files() { return [...this.texts.keys()]; }

  /// A file's tree; null when it cannot be read, which is noted. Only so many are kept: a tree is some thirty times its text.
  source(file) {
    if (!this.texts.has(file)) return null;
    const kept = this.sources.get(file);
    if (kept !== undefined) {
      this.sources.delete(file);
      this.sources.set(file, kept);
      return kept;
    }
    let source = null;
    try {
      source = new Source(file, this.texts.get(file));
    } catch (problem) {
      this.problem(file, typeof problem === 'string' ? problem : 'cannot be read: it is nested too deep');
    }
    this.keep(file, source);
    return source;
  }

  keep(file, source) {
    this.drop(file);
    this.sources.set(file, source);
    if (source) this.keptText += source.text.length;
    for (const other of this.sources.keys()) {
      if (this.keptText <= mostKept || other === file) break;
      this.drop(other);
    }
  }
  drop(file) {
    this.keptText -= this.sources.get(file)?.text.length ?? 0;
    this.sources.delete(file);
  }

  /// A changed text; \a source: its tree, when it was made already.
  change(file, text, source) {
    this.texts.set(file, text);
    this.drop(file);
    if (source) this.keep(file, source);
    this.links?.set(file, this.linksOf(file));
  }

  /// The files of the project that a file names.
  linksOf(file) {
    const named = new Set();
    for (const found of this.texts.get(file).matchAll(local)) { const other = this.resolve(file, found[1]); if (other && other !== file) named.add(other); }
    return named;
  }

  /// The file that a relative import means, as Node and TypeScript look for it.
  resolve(from, specifier) {
    const base = path.posix.join(path.posix.dirname(from), specifier);
    const tries = [base];
    const swap = { '.js': ['.ts', '.tsx'], '.jsx': ['.tsx'], '.mjs': ['.mts'], '.cjs': ['.cts'] }[path.posix.extname(base)];
    if (swap) for (const other of swap) tries.push(base.slice(0, -path.posix.extname(base).length) + other);
    for (const extension of extensions) tries.push(base + extension);
    for (const extension of extensions) tries.push(path.posix.join(base, 'index' + extension));
    return tries.find((one) => this.texts.has(one)) ?? null;
  }

  /// By file: which files of the project it names.
  imports() {
    if (!this.links) {
      this.links = new Map();
      for (const file of this.texts.keys()) this.links.set(file, this.linksOf(file));
    }
    return this.links;
  }

  /// Files that mention one of the names, and those next to them in either direction, in order.
  around(names) {
    const mentions = this.files().filter((file) => names.some((name) => this.texts.get(file).includes(name)));
    const near = new Set(mentions);
    const links = this.imports();
    for (let round = 0; round < 3; ++round)
      for (const [file, others] of links) for (const other of others) if (near.has(other)) { near.add(file); break; }
    for (let round = 0; round < 2; ++round)
      for (const file of [...near]) for (const other of links.get(file)) near.add(other);
    return this.files().filter((file) => near.has(file));
  }
}
