// The edits of one pass over one file: collected by rule, kept apart where they overlap, imports added once.
import { bare, isFunction, stringOf } from './source.mjs';

export class Edits {
  constructor(source) {
    this.source = source;
    this.list = [];
    this.parts = []; // of all of them, by where they begin; none overlaps another
    this.byHand = [];
    this.needed = new Map(); // "name from" -> what has to be imported
  }

  /// One edit is one or more { start, end, text } that hold together; false when it overlaps another.
  add(rule, node, ...parts) {
    if (this.banned?.has(`${rule.id}:${this.source.line(node)}`)) return false;
    const clash = (a, b) => a.start < b.end && b.start < a.end || (a.start === b.start && a.end === b.end);
    for (const one of parts) for (let i = Math.max(0, this.indexOf(one.start) - 2); i < this.parts.length && this.parts[i].start <= one.end; ++i) if (clash(one, this.parts[i])) return false;
    if (parts.every((one) => this.source.text.slice(one.start, one.end) === one.text)) return false;
    this.list.push({ rule, line: this.source.line(node), parts });
    for (const one of parts) this.parts.splice(this.indexOf(one.start), 0, one);
    return true;
  }
  /// Only these edits from here on.
  keep(list) {
    this.list = list;
    this.parts = list.flatMap((one) => one.parts).sort((a, b) => a.start - b.start);
  }
  /// The first part that begins at an offset or behind it.
  indexOf(offset) {
    let low = 0, high = this.parts.length;
    while (low < high) { const middle = (low + high) >> 1; if (this.parts[middle].start < offset) low = middle + 1; else high = middle; }
    return low;
  }
  /// The part that a node lies in, if any.
  covering(node) {
    for (let i = this.indexOf(node.range[0] + 1) - 1, tries = 0; i >= 0 && tries < 3; --i, ++tries) if (this.parts[i].end >= node.range[1] && this.parts[i].start <= node.range[0]) return this.parts[i];
    return null;
  }
  touches(node) {
    const first = this.indexOf(node.range[0]);
    return (first < this.parts.length && this.parts[first].start < node.range[1] && this.parts[first].end > node.range[0]) || (first > 0 && this.parts[first - 1].end > node.range[0]);
  }
  replace(rule, node, text) {
    // Without a semicolon before it, what begins with a bracket would go on with the line above.
    if (/^[([`+\-/]/.test(text) && !/^[([`+\-/]/.test(this.source.text.slice(node.range[0], node.range[0] + 1))) {
      let top = node;
      while (top.parent && top.type !== 'ExpressionStatement' && top.parent.range[0] === node.range[0]) top = top.parent;
      if (top.type === 'ExpressionStatement' && top.range[0] === node.range[0] && /[^;{}\s]\s*$/.test(this.source.text.slice(Math.max(0, top.range[0] - 400), top.range[0]))) text = ';' + text;
    }
    return this.add(rule, node, { start: node.range[0], end: node.range[1], text });
  }

  /// A place that the rule is about and that a person has to change.
  hand(rule, node, text) { if (this.byHand.length < 500) this.byHand.push({ rule: rule.id, file: this.source.file, line: this.source.line(node), text }); }

  /// The name under which the file has an export of a package at a node, added where it is not there yet; null: the name is taken.
  need(name, from, node, isDefault = false) {
    const source = this.source, top = source.topOf(node);
    const free = (local) => source.shadows(local, node) ? null : local;
    for (const declaration of source.all('ImportDeclaration')) {
      if (stringOf(declaration.source) !== from || declaration.importKind === 'type') continue;
      for (const one of declaration.specifiers)
        if (isDefault ? one.type === 'ImportDefaultSpecifier' : one.type === 'ImportSpecifier' && one.importKind !== 'type' && (one.imported.name ?? one.imported.value) === name) return free(one.local.name);
    }
    for (const one of source.all('VariableDeclarator')) {
      const call = bare(one.init);
      if (call?.type !== 'CallExpression' || call.callee.name !== 'require' || stringOf(call.arguments[0]) !== from || one.parent.parent !== source.ast || one.parent.range[1] > top.range[0]) continue;
      if (isDefault && one.id.type === 'Identifier') return free(one.id.name);
      if (one.id.type === 'ObjectPattern' && !isDefault) for (const property of one.id.properties)
        if (property.type === 'Property' && property.key.name === name && property.value.type === 'Identifier') return free(property.value.name);
    }
    const key = `${name} ${from}`, known = this.needed.get(key);
    if (!known && source.declares(name)) return null;
    this.needed.set(key, { name, from, isDefault, before: Math.min(known?.before ?? Infinity, top.range[0]) });
    return name;
  }

  /// What has to be imported and has no place yet, as lines of their own.
  importParts(gone, needed) {
    if (!needed.size) return [];
    const source = this.source, quote = source.quote(), newline = source.newline();
    const usesImport = source.isModule;
    const semicolon = /;[ \t]*(\r?\n|$)/.test(source.text) ? ';' : '';
    const byModule = new Map();
    for (const one of needed.values()) byModule.set(one.from, [...byModule.get(one.from) ?? [], one]);
    const lines = [];
    for (const [from, names] of byModule) {
      const whole = names.find((one) => one.isDefault), parts = names.filter((one) => !one.isDefault).map((one) => one.name);
      if (usesImport) lines.push(`import ${[whole?.name, parts.length ? `{ ${parts.join(', ')} }` : ''].filter(Boolean).join(', ')} from ${quote}${from}${quote}${semicolon}`);
      else {
        if (whole) lines.push(`const ${whole.name} = require(${quote}${from}${quote})${semicolon}`);
        if (parts.length) lines.push(`const { ${parts.join(', ')} } = require(${quote}${from}${quote})${semicolon}`);
      }
    }
    // An import that goes away at the same time leaves its line to the new one.
    const before = usesImport ? Infinity : Math.min(...[...needed.values()].map((one) => one.before));
    const line = gone.find((part) => part.whole && part.start <= before);
    if (line) { line.text = lines.join(newline) + (source.text.slice(line.start, line.end).endsWith('\n') ? newline : ''); return []; }
    const after = usesImport ? source.all('ImportDeclaration').at(-1)
      : source.ast.body.filter((node) => node.range[1] <= before && node.type === 'VariableDeclaration' && node.declarations.some((one) => requireIn(one.init))).at(-1);
    // Behind what is said of it on the same line.
    const rest = after ? /^[ \t]*(\/\/[^\n\r]*|\/\*[^\n\r]*?\*\/[ \t]*(?=\r?\n|$))/.exec(source.text.slice(after.range[1]))?.[0].length ?? 0 : 0;
    if (after) return [{ start: after.range[1] + rest, end: after.range[1] + rest, text: newline + lines.join(newline) }];
    const first = source.ast.body.find((node) => !node.directive);
    const directive = source.ast.body.filter((node) => node.directive).at(-1);
    if (directive) return [{ start: directive.range[1], end: directive.range[1], text: newline + lines.join(newline) }];
    const at = first ? first.range[0] : source.text.length;
    return [{ start: at, end: at, text: lines.join(newline) + newline }];
  }

  /// Where the file imports, at its top: the names that nothing uses once the edits are made and that they used before go; what has
  /// to be imported from the same module comes beside those that are there. names: the modules from which names may go.
  importLists(names, needed) {
    const source = this.source, changed = [];
    const idle = (variable) => {
      const all = variable?.references.filter((reference) => !reference.init) ?? [], word = all.length && wordOf(variable.name);
      return all.length > 0 && all.every((reference) => { const part = this.covering(reference.identifier); return part && !word.test(part.text); });
    };
    const touched = (node) => this.touches(node);
    const lineEnd = (end) => { const rest = /^[ \t]*(\r?\n)?/.exec(source.text.slice(end)); return end + rest[0].length; };
    const drop = (declaration) => changed.push({ start: declaration.range[0], end: lineEnd(declaration.range[1]), text: '', whole: true });
    const additions = (module, end) => [...needed].filter(([, one]) => one.from === module && !one.isDefault && (end === undefined || end <= one.before));
    const relist = (nodes, out, module, end) => {
      const added = additions(module, end);
      if (!nodes.length || (!out.length && !added.length) || source.commentIn(nodes[0].range[0], nodes.at(-1).range[1])) return;
      const kept = nodes.filter((one) => !out.includes(one)).map((one) => source.textOf(one));
      for (const [key, one] of added) { kept.push(one.name); needed.delete(key); }
      const between = nodes.length > 1 ? source.text.slice(nodes[0].range[1], nodes[1].range[0]) : ', ';
      changed.push({ start: nodes[0].range[0], end: nodes.at(-1).range[1], text: kept.join(/^\s*,\s*$/.test(between) ? between : ', ') });
    };
    for (const declaration of source.all('ImportDeclaration')) {
      const module = stringOf(declaration.source);
      if (touched(declaration) || declaration.importKind === 'type') continue;
      const out = names.includes(module) && !source.hasMarkup && !source.commentIn(...declaration.range) ? declaration.specifiers.filter((one) => idle(source.declared(one)[0])) : [];
      const named = declaration.specifiers.filter((one) => one.type === 'ImportSpecifier');
      if (out.length && out.length === declaration.specifiers.length && (!named.length || !additions(module).length)) drop(declaration);
      else relist(named, out.filter((one) => named.includes(one)), module);
    }
    for (const one of source.all('VariableDeclarator')) {
      const call = requireIn(one.init), declaration = one.parent, module = call && stringOf(call.arguments[0]);
      if (!call || module === undefined || declaration.declarations.length !== 1 || declaration.parent !== source.ast || touched(declaration)) continue;
      const variables = source.declared(one), may = names.includes(module) && !source.hasMarkup && !source.commentIn(...declaration.range);
      if (one.id.type === 'Identifier') { if (may && idle(variables[0])) drop(declaration); continue; }
      if (one.id.type !== 'ObjectPattern' || bare(one.init) !== call || one.id.properties.some((each) => each.type !== 'Property' || each.value.type !== 'Identifier')) continue;
      const out = may ? one.id.properties.filter((each) => idle(variables.find((variable) => variable.name === each.value.name))) : [];
      if (out.length && out.length === one.id.properties.length && !additions(module, declaration.range[1]).length) drop(declaration);
      else relist(one.id.properties, out, module, declaration.range[1]);
    }
    return changed;
  }

  /// The file's text with all edits in it.
  result(names) {
    const needed = new Map([...this.needed].filter(([, one]) => { const word = wordOf(one.name); return this.parts.some((part) => word.test(part.text)); }));
    const lists = this.importLists(names, needed);
    // What is put in at a place comes before what takes the place of what stands there.
    const all = [...this.parts, ...lists, ...this.importParts(lists, needed)].sort((a, b) => a.start - b.start || a.end - b.end);
    const pieces = [this.source.bom];
    let at = 0;
    for (const part of all) { pieces.push(this.source.text.slice(at, part.start), part.text); at = part.end; }
    pieces.push(this.source.text.slice(at));
    return pieces.join('');
  }
}

const wordOf = (name) => new RegExp(`(?<![\\w$.])${name.replaceAll('$', '\\$')}(?![\\w$])`);

/// The call of require() that an expression is, or begins with.
function requireIn(expression) {
  let node = bare(expression);
  while (node?.type === 'MemberExpression') node = bare(node.object);
  return node?.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'require' && node.arguments.length === 1 ? node : null;
}

/// One of a list with its comma, for removal.
export function withComma(source, node, siblings) {
  let [start, end] = node.range;
  const rest = /^\s*,/.exec(source.text.slice(end));
  if (rest) {
    end += rest[0].length;
    const line = /^[ \t]*\r?\n/.exec(source.text.slice(end)), lead = /(^|\n)[ \t]*$/.exec(source.text.slice(Math.max(0, start - 400), start));
    if (line && lead) { end += line[0].length; start -= lead[0].length - (lead[0].startsWith('\n') ? 1 : 0); }
    else { const space = /^[ \t]+/.exec(source.text.slice(end)); if (space) end += space[0].length; }
  } else {
    const index = siblings.indexOf(node);
    if (index > 0) start = siblings[index - 1].range[1];
  }
  return { start, end, text: '' };
}

/// What kind of value an argument is, as far as it is written there or in one constant.
export function kindOf(source, argument, depth = 0) {
  const node = bare(argument);
  if (!node) return 'none';
  if (isFunction(node)) return 'function';
  switch (node.type) {
    case 'Literal': return node.regex ? 'regexp' : node.value === null ? 'null' : typeof node.value;
    case 'TemplateLiteral': return 'string';
    case 'ObjectExpression': return 'object';
    case 'ArrayExpression': return 'array';
    case 'UnaryExpression': return node.operator === '!' ? 'boolean' : node.operator === '-' || node.operator === '+' ? 'number' : 'other';
    case 'BinaryExpression': return node.operator === '+' && [node.left, node.right].some((one) => kindOf(source, one, depth + 1) === 'string') ? 'string' : 'other';
    case 'ClassExpression': return 'class';
    case 'Identifier': {
      if (node.name === 'undefined') return 'undefined';
      const variable = source.variable(node), definition = variable?.defs.length === 1 ? variable.defs[0] : null;
      if (definition?.type === 'FunctionName') return 'function';
      if (definition?.type === 'Variable' && definition.node.id.type === 'Identifier' && definition.node.init && depth < 8
        && source.writes(variable).length === 1) return kindOf(source, definition.node.init, depth + 1);
      return 'name';
    }
    default: return 'other';
  }
}

/// A template with what it names filled in; null when the place cannot be rewritten (a comment would be lost, a name is taken).
export function filled(edits, template, node, more = {}) {
  const source = edits.source, kept = [];
  const simple = /^(Identifier|MemberExpression|CallExpression|ThisExpression|TemplateLiteral|ArrayExpression|Super)$/;
  // As a part of something else a text may need the brackets that it had, or new ones.
  const take = (part, before = '', after = '') => {
    kept.push(part.range);
    const text = source.textOf(part);
    const calls = (one) => { for (let each = bare(one); each; each = bare(each.object ?? each.callee)) if (each.type === 'CallExpression') return true; return false; };
    if (part.type === 'SequenceExpression' || (/^[.[(]/.test(after) && !simple.test(part.type) && !(part.type === 'Literal' && typeof part.value === 'string')) || (/\bnew $/.test(before) && calls(part))) return `(${text})`;
    return text;
  };
  let whole = true;
  // What is done twice would happen twice.
  const twice = (template.match(/\$\{(object|callee)\}/g) ?? []).length > 1;
  const isPlain = (one) => { const each = bare(one); return each.type === 'Identifier' || each.type === 'ThisExpression' || (each.type === 'MemberExpression' && !each.computed && isPlain(each.object)); };
  const call = node.type === 'CallExpression' || node.type === 'NewExpression' ? node : null;
  const callee = call ? bare(call.callee) : bare(node);
  if (twice && callee.type === 'MemberExpression' && !isPlain(callee.object)) return null;
  let text = template.replace(/\$\{([\w:@/.?-]+)\}/g, (all, word, at) => {
    const before = template.slice(0, at), after = template.slice(at + all.length);
    if (Object.hasOwn(more, word)) { const one = more[word]; return typeof one === 'string' ? one : take(one, before, after); }
    if (/^\d+$/.test(word)) { const one = call?.arguments[Number(word)]; if (!one) { whole = false; return ''; } return take(one, before, after); }
    if (word === 'args' || word.startsWith('args:')) {
      const from = Number(word.split(':')[1] ?? 0), list = call?.arguments.slice(from) ?? [];
      if (!list.length) return '';
      kept.push([list[0].range[0], list.at(-1).range[1]]);
      return source.text.slice(list[0].range[0], list.at(-1).range[1]);
    }
    if (word === 'self') return take(node);
    if (word === 'last') { const one = call?.arguments.at(-1); if (!one) { whole = false; return ''; } return take(one, before, after); }
    if (word === 'init') {
      const list = call?.arguments.slice(0, -1) ?? [];
      if (!list.length) return '';
      kept.push([list[0].range[0], list.at(-1).range[1]]);
      return source.text.slice(list[0].range[0], list.at(-1).range[1]);
    }
    if (word === 'method') { if (callee.type !== 'MemberExpression' || callee.computed) { whole = false; return ''; } return take(callee.property); }
    if (word === 'object.object') { const one = bare(callee.object); if (one?.type !== 'MemberExpression') { whole = false; return ''; } return take(one.object); }
    if (word === 'callee') return take(call.callee, before, after);
    if (word === 'object') { if (callee.type !== 'MemberExpression') { whole = false; return ''; } return take(callee.object, before, after); }
    if (word === 'type') { const types = (call?.typeArguments ?? call?.typeParameters)?.params; if (!types?.length) { whole = false; return ''; } const text = take(types[0]); return /^(TSTypeReference|TSArrayType|TS\w+Keyword|TSTypeLiteral|TSTupleType|TSLiteralType|TSUnionType)$/.test(types[0].type) ? text : `(${text})`; }
    if (word.startsWith('need:')) { const [, name, from] = word.split(':'); const local = edits.need(name, from, node); if (!local) whole = false; return local ?? ''; }
    if (word.startsWith('need-default:')) { const [, name, from] = word.split(':'); const local = edits.need(name, from, node, true); if (!local) whole = false; return local ?? ''; }
    whole = false;
    return '';
  });
  if (!whole) return null;
  // An object as the body of an arrow function would be a block.
  if (text.startsWith('{') && node.parent?.type === 'ArrowFunctionExpression' && node.parent.body === node) text = `(${text})`;
  for (const comment of source.comments ?? [])
    if (comment.start >= node.range[0] && comment.end <= node.range[1] && !kept.some(([start, end]) => comment.start >= start && comment.end <= end)) return null;
  return text;
}
