// Which names a package's module gives, by its own code or by its type declarations, as they are installed now. Reads only; whatever cannot be told
// for sure is "not known", never "not there".
import fs from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { readText, tooDeep } from './source.mjs';
import { exported } from './modules.mjs';

const mostFiles = 300;
const declarations = /\.d\.[cm]?ts$/;
const declared = { '.js': '.d.ts', '.mjs': '.d.mts', '.cjs': '.d.cts' };

export class Exports {
  constructor(installed) {
    this.installed = installed;
    this.known = new Map();
  }

  /// The names of a file, followed through its re-exports: a Set, or null when they are not known.
  of(file, state = { files: new Set() }) {
    if (this.known.has(file)) return this.known.get(file);
    if (state.files.has(file)) return new Set(); // a ring adds nothing
    const first = state.files.size === 0; // what is read on the way may be part of a ring, and is not whole by itself
    state.files.add(file);
    if (state.files.size > mostFiles) return null;
    const names = this.read(file, state);
    if (first || names === null) this.known.set(file, names);
    return names;
  }

  read(file, state) {
    const info = fs.lstatSync(file, { throwIfNoEntry: false });
    if (!info?.isFile() || info.size > 1 << 20) return null;
    const { text, problem } = readText(fs.readFileSync(file));
    if (problem || tooDeep(text)) return null;
    const types = declarations.test(file) || /\.[cm]?ts$/.test(file);
    let tree;
    try { tree = parseSync(file, text, { lang: declarations.test(file) ? 'dts' : types ? 'ts' : 'js', sourceType: 'module' }); } catch { return null; }
    if (tree.errors.length) return null;
    const body = tree.program.body;
    if (body.some((node) => node.type === 'TSExportAssignment' || node.type === 'TSNamespaceExportDeclaration' || (node.type === 'TSModuleDeclaration' && node.id.type === 'Literal'))) return null;
    if (!body.some((node) => /^(Import|Export)/.test(node.type))) return null; // a script, or CommonJS
    const names = new Set();
    for (const node of body) {
      if (node.type === 'ExportDefaultDeclaration') names.add('default');
      if (node.type === 'ExportNamedDeclaration') {
        for (const one of node.specifiers) names.add(one.exported.name ?? one.exported.value);
        for (const name of declaredNames(node.declaration)) names.add(name);
      }
      if (node.type === 'ExportAllDeclaration') {
        if (node.exported) { names.add(node.exported.name ?? node.exported.value); continue; }
        const other = this.resolve(file, node.source.value, types);
        const more = other === null ? null : this.of(other, state);
        if (more === null) return null;
        for (const name of more) if (name !== 'default') names.add(name);
      }
    }
    // In declarations all that stands at the top is exported, unless something says otherwise.
    if (types && !body.some((node) => /^Export/.test(node.type))) return null;
    if (types) for (const node of body) for (const name of declaredNames(node)) names.add(name);
    return names;
  }

  resolve(from, specifier, types) {
    const own = path.relative(this.installed.folder, from);
    if (/^\.{1,2}(\/|$)/.test(specifier)) {
      const base = path.join(path.dirname(from), specifier), extension = path.extname(base);
      const stem = declared[extension] ? base.slice(0, -extension.length) : null;
      const tries = types ? [...(stem ? [stem + declared[extension], `${stem}.d.ts`, stem + extension.replace('js', 'ts')] : []), `${base}.d.ts`, `${base}.d.mts`, `${base}.ts`, path.join(base, 'index.d.ts'), base] : [base];
      return tries.find((one) => this.installed.isFile(one)) ?? null;
    }
    const parts = specifier.split('/'), name = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
    const here = this.installed.find(name, own);
    if (!here) return null;
    const subpath = specifier === name ? '.' : `.${specifier.slice(name.length)}`;
    return types ? this.typesOf(here, subpath) : this.moduleOf(here, subpath);
  }

  /// The file that import gets; null: none, or one that is no ES module.
  moduleOf(here, subpath) {
    const { root, manifest } = here;
    let file = null;
    if (manifest.exports !== undefined && manifest.exports !== null) {
      const relative = exported(manifest.exports, subpath, ['node', 'import']);
      if (relative !== null) file = path.join(root, relative);
    } else file = this.installed.legacy(root, subpath !== '.' ? subpath : typeof manifest.main === 'string' && manifest.main !== '' ? manifest.main : '.');
    return file && this.installed.isFile(file) && this.installed.isModule(root, file) ? file : null;
  }

  /// The declarations that a compiler gets; null: none that can be told.
  typesOf(here, subpath) {
    const { root, manifest } = here;
    if (manifest.typesVersions) return null;
    const beside = (file) => declarations.test(file) ? file : declared[path.extname(file)] ? file.slice(0, -path.extname(file).length) + declared[path.extname(file)] : null;
    let found = null;
    if (manifest.exports !== undefined && manifest.exports !== null) {
      const relative = exported(manifest.exports, subpath, ['types', 'import', 'node']);
      found = relative === null ? null : beside(path.join(root, relative));
    } else if (subpath === '.') {
      const said = [manifest.types, manifest.typings].find((one) => typeof one === 'string' && one !== '');
      found = said ? path.join(root, declarations.test(said) || /\.ts$/.test(said) ? said : `${said}.d.ts`) : typeof manifest.main === 'string' ? beside(path.join(root, manifest.main)) : path.join(root, 'index.d.ts');
    }
    return found && this.installed.isFile(found) ? found : null;
  }
}

/// The names that a declaration brings.
function declaredNames(node) {
  if (!node) return [];
  if (node.type === 'VariableDeclaration') return node.declarations.flatMap((one) => patternNames(one.id));
  if (/^(FunctionDeclaration|ClassDeclaration|TSDeclareFunction|TSInterfaceDeclaration|TSTypeAliasDeclaration|TSEnumDeclaration|TSModuleDeclaration|TSImportEqualsDeclaration)$/.test(node.type) && node.id?.type === 'Identifier') return [node.id.name];
  return [];
}

function patternNames(pattern) {
  if (pattern.type === 'Identifier') return [pattern.name];
  if (pattern.type === 'ObjectPattern') return pattern.properties.flatMap((one) => patternNames(one.type === 'RestElement' ? one.argument : one.value));
  if (pattern.type === 'ArrayPattern') return pattern.elements.flatMap((one) => one ? patternNames(one.type === 'RestElement' ? one.argument : one) : []);
  return pattern.type === 'AssignmentPattern' ? patternNames(pattern.left) : [];
}
