// One source file: its text, its syntax tree with parents, its scopes. Reads nothing but what it is given, runs nothing.
// Files are hostile: what is too large, too deep or no valid text is refused with a sentence.
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { analyze } from '@typescript-eslint/scope-manager';

export const largestFile = 1 << 20; // bytes
const deepest = 400; // brackets inside each other
const mostOperators = 4000, mostElses = 3000;
const mostNodes = 600_000;

const languages = { '.js': 'jsx', '.jsx': 'jsx', '.mjs': 'jsx', '.cjs': 'jsx', '.ts': 'ts', '.mts': 'ts', '.cts': 'ts', '.tsx': 'tsx', '.vue': 'ts', '.svelte': 'ts', '.json': 'js', '.jsonc': 'js' };
export const extensions = Object.keys(languages);
const modules = new Set(['.mjs', '.mts', '.vue', '.svelte']);
const skippedKeys = new Set(['parent', 'range', 'start', 'end', 'type', 'loc']);
const wrappers = /^(TSAsExpression|TSNonNullExpression|TSSatisfiesExpression|TSTypeAssertion|ParenthesizedExpression|ChainExpression)$/;

/// The text of a file, or why it is left alone.
export function readText(bytes) {
  if (bytes.length > largestFile) return { problem: `is larger than ${largestFile >> 20} MB` };
  const text = bytes.toString('utf8');
  if (text.includes('\u0000')) return { problem: 'is no text' };
  if (!Buffer.from(text, 'utf8').equals(bytes)) return { problem: 'is not written in UTF-8' };
  return { text };
}

/// Only the scripts of a component; the rest is blank, so that every place keeps its number.
function scriptsOf(text) {
  const blank = (part) => part.replace(/[^\n\r]/g, ' ');
  let result = '', at = 0;
  const opening = /<script\b[^>]{0,2000}>/gi;
  for (let found; (found = opening.exec(text));) {
    const start = found.index + found[0].length;
    const end = text.toLowerCase().indexOf('</script', start);
    if (end < 0) break;
    result += blank(text.slice(at, start)) + text.slice(start, end);
    at = end;
    opening.lastIndex = end;
  }
  return result + blank(text.slice(at));
}

/// Whether the parser, which recurses as deep as the text nests, could run out of stack. Goes by brackets, by the operators of one
/// expression and by the words "else", outside of what looks like a string.
export function tooDeep(text) {
  let depth = 0, operators = 0, elses = 0;
  for (let i = 0; i < text.length; ++i) {
    const c = text[i];
    if (c === "'" || c === '"' || c === '`') {
      for (++i; i < text.length && text[i] !== c && (c === '`' || text[i] !== '\n'); ++i) if (text[i] === '\\') ++i;
    } else if (c === '(' || c === '[' || c === '{') {
      if (++depth > deepest) return true;
      if (c === '{') operators = 0;
    } else if (c === ')' || c === ']' || c === '}') {
      if (depth > 0) --depth;
      if (c === '}') operators = 0;
    } else if (c === ';' || c === ',') {
      operators = 0;
    } else if ('.+-*/%!~?:=<>&|^'.includes(c)) {
      if (++operators > mostOperators) return true;
    } else if (c === 'e' && text.startsWith('else', i) && ++elses > mostElses) {
      return true;
    }
  }
  return false;
}

export const bare = (node) => { while (node && wrappers.test(node.type)) node = node.expression; return node; };
export const isFunction = (node) => node?.type === 'FunctionExpression' || node?.type === 'ArrowFunctionExpression' || node?.type === 'FunctionDeclaration';
export const stringOf = (node) => node?.type === 'Literal' && typeof node.value === 'string' ? node.value
  : node?.type === 'TemplateLiteral' && node.quasis.length === 1 ? node.quasis[0].value.cooked : undefined;
export const nameOf = (node) => node?.type === 'Identifier' || node?.type === 'JSXIdentifier' ? node.name : stringOf(node);

export class Source {
  /// Throws a sentence when the text cannot be read as code.
  constructor(file, text) {
    this.file = file;
    const extension = path.extname(file).toLowerCase();
    this.bom = text.startsWith('\ufeff') ? '\ufeff' : '';
    this.text = text.slice(this.bom.length);
    this.isJson = extension === '.json' || extension === '.jsonc';
    let code = this.text;
    // Its markup uses names too, and is not read.
    this.hasMarkup = extension === '.vue' || extension === '.svelte';
    if (this.hasMarkup) code = scriptsOf(code);
    this.shift = this.isJson ? 1 : 0;
    if (this.isJson) code = `(${code})`;
    if (tooDeep(code)) throw 'is nested too deep to be read';
    // A name of ours: the parser goes by the extension where it can.
    const parsed = parseSync('source.' + languages[extension], code, { lang: languages[extension], sourceType: modules.has(extension) ? 'module' : extension === '.cjs' || extension === '.cts' ? 'commonjs' : 'unambiguous', range: true, astType: 'ts', preserveParens: false });
    if (parsed.errors.some((one) => one.severity === 'Error')) throw 'cannot be read as code';
    this.ast = parsed.program;
    this.comments = parsed.comments;
    this.isModule = this.ast.sourceType === 'module';
    this.walk();
    if (!this.isJson) {
      this.scopes = analyze(this.ast, { sourceType: this.isModule ? 'module' : 'script', lib: [] });
      this.references = new Map();
      for (const scope of this.scopes.scopes) for (const reference of scope.references) this.references.set(reference.identifier, reference);
    }
    let lines = null;
    this.lineOf = (offset) => {
      if (!lines) { lines = [0]; for (let i = 0; (i = this.text.indexOf('\n', i) + 1) > 0;) lines.push(i); }
      let low = 0, high = lines.length - 1;
      while (low < high) { const middle = (low + high + 1) >> 1; if (lines[middle] <= offset) low = middle; else high = middle - 1; }
      return low + 1;
    };
  }

  /// Parents, and the nodes by kind in the order of the text.
  walk() {
    this.nodes = new Map();
    let count = 0;
    const stack = [this.ast];
    while (stack.length) {
      const node = stack.pop();
      if (++count > mostNodes) throw `has more than ${mostNodes} parts`;
      if (!this.nodes.has(node.type)) this.nodes.set(node.type, []);
      this.nodes.get(node.type).push(node);
      if (this.shift) node.range = [node.range[0] - this.shift, node.range[1] - this.shift];
      const children = [];
      for (const key in node) {
        if (skippedKeys.has(key)) continue;
        const value = node[key];
        if (Array.isArray(value)) { for (const child of value) if (child && typeof child.type === 'string') { child.parent = node; children.push(child); } }
        else if (value && typeof value.type === 'string') { value.parent = node; children.push(value); }
      }
      for (let i = children.length - 1; i >= 0; --i) stack.push(children[i]);
    }
  }

  all(...types) { return types.length === 1 ? this.nodes.get(types[0]) ?? [] : types.flatMap((type) => this.nodes.get(type) ?? []); }
  textOf(node) { return this.text.slice(node.range[0], node.range[1]); }
  line(node) { return this.lineOf(node.range[0]); }
  variable(identifier) { return this.references?.get(identifier)?.resolved ?? null; }
  /// The variables that a declaration makes.
  declared(node) { return this.scopes?.getDeclaredVariables(node) ?? []; }
  /// The quote that the file prefers.
  quote() { return (this.text.match(/'/g)?.length ?? 0) >= (this.text.match(/"/g)?.length ?? 0) ? "'" : '"'; }
  newline() { return this.text.includes('\r\n') ? '\r\n' : '\n'; }
  isGlobal(identifier) { const variable = this.variable(identifier); return !variable || variable.defs.length === 0; }
  /// Where a variable gets a value; kept, since it is asked for at each of its uses.
  writes(variable) {
    this.written ??= new Map();
    if (!this.written.has(variable)) this.written.set(variable, variable.references.filter((reference) => reference.isWrite()));
    return this.written.get(variable);
  }
  /// Whether a comment lies in a stretch of the text.
  commentIn(start, end) { return (this.comments ?? []).some((one) => one.start - this.shift >= start && one.end - this.shift <= end); }
  /// Whether a name stands for something else at a node than at the top of the file.
  shadows(name, node) {
    return this.scopes.scopes.some((scope) => !['global', 'module'].includes(scope.type) && scope.set.get(name)?.defs.length > 0
      && scope.block.range[0] <= node.range[0] && scope.block.range[1] >= node.range[1]);
  }
  /// The statement at the top of the file that a node stands in.
  topOf(node) { let top = node; while (top.parent && top.parent !== this.ast) top = top.parent; return top; }
  /// Whether a node is given a value, counted up or deleted.
  isTarget(node) {
    const parent = node.parent;
    return (parent.type === 'AssignmentExpression' && parent.left === node) || parent.type === 'UpdateExpression' || (parent.type === 'UnaryExpression' && parent.operator === 'delete');
  }
  /// Whether a name stands for something anywhere in the file.
  declares(name) { return this.scopes.scopes.some((scope) => scope.set.get(name)?.defs.length > 0); }
}
