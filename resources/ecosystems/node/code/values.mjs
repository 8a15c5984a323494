// What an expression stands for, as far as it can be told: "$" is the package (or what it exports as its default), "$.Router" one of
// its exports, "$()" what calling it gives, "new $.Server()" what constructing gives, "@app" a value that a rule file names. Follows
// variables (every value that one ever gets must be the same), destructuring, aliases, files of the project that import each other,
// `this.x` of a class, parameters of functions that are handed to the package, and type annotations. Null: nothing is known, and
// nothing is edited.
import { bare, isFunction, nameOf, stringOf } from './source.mjs';
import { fits } from './shapes.mjs';

const deepest = 60, mostExports = 300;
/// The name of a member, also of `x['name']` and `x[0]`.
export const memberName = (node) => !node.computed ? node.property.name : stringOf(node.property) ?? (typeof node.property.value === 'number' ? String(node.property.value) : undefined);

/// A pattern of a rule as a regular expression: "*" is any one name, "(a|b)" one of these.
export function patternOf(text) {
  const quoted = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\\\*/g, '[\\w$]+')
    .replace(/\\\(((?:[\w$]|\\\|)+)\\\)/g, (all, names) => names.includes('\\|') ? '(?:' + names.replaceAll('\\|', '|') + ')' : all);
  return new RegExp('^' + quoted + '$');
}

export class Values {
  /// names: the specifiers that are the package; values: by name, strings or { parameter, of, parameters, fewer } or { type }.
  /// submodules: whether `package/one_thing` is `$.oneThing`.
  constructor(project, names, values = {}, globals = [], submodules = false) {
    this.submodules = submodules;
    this.strict = {};
    this.globals = new Set(globals);
    this.project = project;
    this.packages = names;
    this.direct = [];
    this.parameters = [];
    this.types = [];
    for (const [name, list] of Object.entries(values)) for (const one of list) {
      if (typeof one === 'string') this.direct.push([patternOf(one), '@' + name]);
      else if ('parameter' in one) this.parameters.push({ ...one, of: patternOf(one.of), name: '@' + name });
      else if ('type' in one) this.types.push([patternOf(one.type), '@' + name]);
    }
    this.forget();
  }

  forget() {
    this.known = new WeakMap();
    this.variables = new WeakMap(); // the same by variable
    this.marks = new Map(); // by file, by where a function begins, by index: the value of its parameter, null where it differs
    this.exported = new Map();
  }

  /// A file has another tree now: what was known of the old one is not used any more. near: that file, and those that name it.
  renew(near) {
    this.exported = new Map();
    if (near.length) this.marks.delete(near[0]);
    this.prepare(near);
  }

  isPackage(specifier) { return specifier !== undefined && this.packages.some((one) => one.endsWith('*') ? specifier.startsWith(one.slice(0, -1)) : one === specifier); }
  /// What all of a module is: "$", or one of its members where a package has a module for each; null: it is another package.
  module(specifier) {
    if (this.isPackage(specifier)) return '$';
    if (!this.submodules || specifier === undefined) return null;
    const parts = specifier.split('/');
    return this.isPackage(parts.slice(0, -1).join('/')) ? '$.' + parts.at(-1).replace(/[-_]+(\w)/g, (all, letter) => letter.toUpperCase()) : null;
  }
  named(text) {
    if (text === null || text === undefined) return null;
    for (const [pattern, name] of this.direct) if (pattern.test(text)) return name;
    return text;
  }

  /// Finds the functions that are handed to the package, in all these files.
  prepare(files) {
    if (!this.parameters.length) return;
    for (let round = 0; round < 3; ++round) {
      let news = false;
      for (const file of files) {
        const source = this.project.source(file);
        if (!source || source.isJson) continue;
        for (const call of source.all('CallExpression', 'NewExpression')) {
          if (!call.arguments.length) continue;
          const callee = this.of(source, call.callee);
          if (!callee) continue;
          for (const rule of this.parameters) {
            if (!rule.of.test(call.type === 'NewExpression' ? 'new ' + callee : callee) || !fits(source, call, rule.when)) continue;
            const given = call.arguments.flatMap((argument) => { const one = bare(argument); return one.type === 'ArrayExpression' ? one.elements : [argument]; });
            for (const argument of given) {
              const made = argument && this.functionOf(source, argument);
              if (made) news = this.mark(made.source.file, made.node, rule) || news;
            }
          }
        }
      }
      if (!news) return;
      this.known = new WeakMap();
      this.variables = new WeakMap();
    }
  }

  mark(file, node, rule) {
    if (rule.parameters !== undefined && node.params.length !== rule.parameters) return false;
    if (rule.fewer !== undefined && node.params.length >= rule.fewer) return false;
    if (!this.marks.has(file)) this.marks.set(file, new Map());
    const functions = this.marks.get(file), start = node.range[0];
    const marks = functions.get(start) ?? functions.set(start, new Map()).get(start);
    const before = marks.get(rule.parameter);
    if (before === rule.name || before === null) return false;
    marks.set(rule.parameter, before === undefined ? rule.name : null);
    return true;
  }

  /// The function that an expression is, with its file: written there, or by name, or from another file.
  functionOf(source, expression, depth = 0) {
    const node = bare(expression);
    if (!node || depth > 12) return null;
    if (isFunction(node)) return { source, node };
    if (node.type === 'Identifier') {
      const variable = source.variable(node);
      const definition = variable?.defs.length === 1 ? variable.defs[0] : null;
      if (definition?.type === 'FunctionName') return { source, node: definition.node };
      if (definition?.type === 'Variable' && definition.node.id.type === 'Identifier' && definition.node.init && source.writes(variable).length === 1)
        return this.functionOf(source, definition.node.init, depth + 1);
      if (definition?.type === 'ImportBinding') {
        const from = this.importOf(source, definition);
        if (from?.file && from.name) return this.exportedFunction(from.file, from.name, depth + 1);
      }
      if (definition?.type === 'Variable' && definition.node.id.type === 'ObjectPattern' && definition.node.init) {
        const way = this.wayTo(definition.name, definition.node);
        const file = way?.length === 1 ? this.moduleOf(source, definition.node.init) : null;
        if (file) return this.exportedFunction(file, way[0], depth + 1);
      }
      return null;
    }
    if (node.type === 'MemberExpression') {
      const name = node.computed ? stringOf(node.property) : node.property.name;
      const file = name && this.moduleOf(source, node.object);
      if (file) return this.exportedFunction(file, name, depth + 1);
    }
    return null;
  }

  /// The file of the project that an expression stands for as a whole module.
  moduleOf(source, expression, depth = 0) {
    const node = bare(expression);
    if (depth > 12) return null;
    if (node?.type === 'CallExpression') {
      const specifier = this.required(source, node);
      return specifier?.startsWith('.') ? this.project.resolve(source.file, specifier) : null;
    }
    if (node?.type === 'Identifier') {
      const variable = source.variable(node);
      const definition = variable?.defs.length === 1 ? variable.defs[0] : null;
      if (definition?.type === 'ImportBinding') {
        const from = this.importOf(source, definition);
        return from?.file && (from.name === '*' || from.name === 'default') ? from.file : null;
      }
      if (definition?.type === 'Variable' && definition.node.id.type === 'Identifier' && definition.node.init)
        return this.moduleOf(source, definition.node.init, depth + 1);
    }
    return null;
  }

  exportedFunction(file, name, depth) {
    const found = this.exportsOf(file).get(name);
    if (found?.node) return this.functionOf(found.source, found.node, depth);
    if (found?.file) return depth > 12 ? null : this.exportedFunction(found.file, found.name, depth + 1);
    // `export default { list }` or `module.exports = { list }`.
    const whole = this.exportsOf(file).get('default');
    const object = whole?.node && bare(whole.node);
    if (object?.type === 'ObjectExpression') {
      const property = object.properties.find((one) => one.type === 'Property' && !one.computed && nameOf(one.key) === name);
      if (property) return this.functionOf(whole.source, property.value, depth);
    }
    return null;
  }

  /// Where an import leads: { specifier } to a package, { file, name } into the project.
  importOf(source, definition) {
    const declaration = definition.parent;
    const specifier = declaration?.source ? stringOf(declaration.source) : stringOf(definition.node.moduleReference?.expression);
    if (specifier === undefined) return null;
    const name = definition.node.type === 'ImportSpecifier' ? nameOf(definition.node.imported) : definition.node.type === 'ImportDefaultSpecifier' ? 'default' : '*';
    if (!specifier.startsWith('.')) return { specifier, name };
    const file = this.project.resolve(source.file, specifier);
    return file ? { specifier, file, name } : null;
  }

  /// The specifier that a call of require() loads.
  required(source, node) {
    return node?.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'require' && source.isGlobal(node.callee)
      && node.arguments.length === 1 ? stringOf(node.arguments[0]) : undefined;
  }

  /// By name what a file exports: { source, node }, { text } or { file, name } elsewhere. "default" is also all of module.exports.
  exportsOf(file) {
    if (this.exported.has(file)) return this.exported.get(file);
    if (this.exported.size > mostExports) this.exported.clear(); // each keeps a tree
    const found = new Map();
    this.exported.set(file, found);
    const source = this.project.source(file);
    if (!source || source.isJson) return found;
    for (const node of source.all('ExportDefaultDeclaration')) found.set('default', { source, node: node.declaration });
    for (const node of source.all('ExportNamedDeclaration')) {
      const specifier = node.source ? stringOf(node.source) : undefined;
      for (const one of node.specifiers ?? []) {
        const from = nameOf(one.local), to = nameOf(one.exported);
        if (specifier === undefined) found.set(to, { source, node: one.local });
        else if (this.isPackage(specifier)) found.set(to, { text: from === 'default' ? '$' : '$.' + from });
        else if (specifier.startsWith('.')) { const other = this.project.resolve(file, specifier); if (other) found.set(to, { file: other, name: from }); }
      }
      const declaration = node.declaration;
      if (declaration?.type === 'FunctionDeclaration' && declaration.id) found.set(declaration.id.name, { source, node: declaration });
      if (declaration?.type === 'VariableDeclaration') for (const one of declaration.declarations) if (one.id.type === 'Identifier') found.set(one.id.name, { source, node: one.id });
    }
    for (const node of source.all('ExportAllDeclaration')) {
      const specifier = stringOf(node.source);
      if (node.exported) { if (this.isPackage(specifier)) found.set(nameOf(node.exported), { text: '$' }); continue; }
      if (this.isPackage(specifier)) found.set('*', { text: '$' });
      else if (specifier?.startsWith('.')) { const other = this.project.resolve(file, specifier); if (other) for (const [name, what] of this.exportsOf(other)) if (name !== 'default' && !found.has(name)) found.set(name, what); }
    }
    for (const node of source.all('AssignmentExpression')) {
      if (node.left.type !== 'MemberExpression' || node.left.computed) continue;
      const object = node.left.object;
      const whole = (one) => one.type === 'MemberExpression' && !one.computed && one.object.type === 'Identifier' && one.object.name === 'module' && source.isGlobal(one.object) && one.property.name === 'exports';
      if (whole(node.left)) {
        const value = bare(node.right);
        found.set('default', found.has('default') ? {} : { source, node: node.right });
        if (value.type === 'ObjectExpression') for (const one of value.properties) if (one.type === 'Property' && !one.computed) found.set(nameOf(one.key), { source, node: one.value });
      } else if (whole(object) || (object.type === 'Identifier' && object.name === 'exports' && source.isGlobal(object))) {
        const name = node.left.property.name;
        found.set(name, found.has(name) ? {} : { source, node: node.right });
      }
    }
    return found;
  }

  exportValue(file, name, depth) {
    if (depth > deepest) return null;
    const exports = this.exportsOf(file);
    const found = exports.get(name);
    if (found?.node) return isFunction(found.node) ? null : this.of(found.source, found.node, depth + 1);
    if (found?.text) return found.text;
    if (found?.file) return this.exportValue(found.file, found.name, depth + 1);
    if (!found && name !== 'default' && exports.has('*')) return '$.' + name;
    return null;
  }

  /// Whether all that is done with a variable are calls of these members, with one plain argument at most, or calls of itself.
  usedAs(source, variable, members) {
    return variable.references.every((reference) => {
      if (reference.init) return true;
      const parent = reference.identifier.parent;
      if (parent.type === 'CallExpression' && parent.callee === reference.identifier) return !parent.optional;
      if (parent.optional || parent.parent?.optional) return false;
      const call = parent.type === 'MemberExpression' && parent.object === reference.identifier && !parent.computed && members.includes(parent.property.name) ? parent.parent : null;
      return call?.type === 'CallExpression' && call.callee === parent && call.arguments.length <= 1 && !/^(Object|Spread)/.test(bare(call.arguments[0])?.type ?? '');
    });
  }

  /// What an expression stands for; null: unknown.
  of(source, expression, depth = 0) {
    const node = bare(expression);
    if (!node || depth > deepest) return null;
    if (this.known.has(node)) return this.known.get(node);
    this.known.set(node, null); // what depends on itself is unknown
    const value = this.named(this.look(source, node, depth + 1));
    this.known.set(node, value);
    return value;
  }

  look(source, node, depth) {
    switch (node.type) {
      case 'Identifier': case 'JSXIdentifier':
        if (this.globals.has(node.name) && source.references.has(node) && source.isGlobal(node)) return '%' + node.name;
        return this.narrowed(source, node, depth) ?? this.ofVariable(source, node, depth);
      case 'MetaProperty': return 'import.meta';
      case 'MemberExpression': {
        const name = memberName(node);
        if (name === undefined) return null;
        if (node.object.type === 'ThisExpression') return this.ofField(source, node, name, depth);
        const file = this.moduleOf(source, node.object);
        if (file && this.exportsOf(file).has(name)) return this.exportValue(file, name, depth);
        return this.member(this.of(source, node.object, depth), name);
      }
      case 'JSXMemberExpression': return this.member(this.of(source, node.object, depth), node.property.name);
      case 'CallExpression': {
        const specifier = this.required(source, node);
        if (specifier !== undefined) {
          const module = this.module(specifier);
          if (module) return module;
          const file = specifier.startsWith('.') ? this.project.resolve(source.file, specifier) : null;
          return file ? this.exportValue(file, 'default', depth) : null;
        }
        const callee = this.of(source, node.callee, depth);
        return callee ? callee + '()' : null;
      }
      case 'NewExpression': { const callee = this.of(source, node.callee, depth); return callee ? `new ${callee}()` : null; }
      case 'AwaitExpression': {
        const argument = bare(node.argument);
        if (argument.type === 'ImportExpression') return this.module(stringOf(argument.source));
        const value = this.of(source, argument, depth);
        return value && !value.startsWith('@') ? 'await ' + value : value;
      }
      case 'AssignmentExpression': return node.operator === '=' ? this.of(source, node.right, depth) : null;
      case 'SequenceExpression': return this.of(source, node.expressions.at(-1), depth);
      case 'ConditionalExpression': return this.same(this.of(source, node.consequent, depth), this.of(source, node.alternate, depth));
      case 'LogicalExpression': return this.same(this.of(source, node.left, depth), this.of(source, node.right, depth));
      default: return null;
    }
  }

  /// What `x instanceof $.Thing` says of x where that holds: after "&&", in the branch of an if.
  narrowed(source, node, depth) {
    const variable = source.variable(node);
    if (!variable || variable.defs.length !== 1 || !['CatchClause', 'Parameter'].includes(variable.defs[0].type) || source.writes(variable).some((one) => !one.init)) return null;
    const says = (test) => {
      const one = bare(test);
      if (one?.type === 'LogicalExpression' && one.operator === '&&') return says(one.left) ?? says(one.right);
      if (one?.type !== 'BinaryExpression' || one.operator !== 'instanceof' || one.left.type !== 'Identifier' || source.variable(one.left) !== variable) return null;
      const value = this.of(source, one.right, depth);
      return value ? `new ${value}()` : null;
    };
    for (let inner = node, outer = node.parent; outer; inner = outer, outer = outer.parent) {
      const test = (outer.type === 'IfStatement' || outer.type === 'ConditionalExpression') && outer.consequent === inner ? outer.test
        : outer.type === 'LogicalExpression' && outer.operator === '&&' && outer.right === inner ? outer.left : null;
      const value = test && says(test);
      if (value) return value;
    }
    return null;
  }

  same(a, b) { return a === b ? a : null; }
  member(base, name) { return base === null ? null : name === 'default' && (base === '$' || this.submodules) ? base : `${base}.${name}`; }

  /// The keys that lead from a declaration's value to one of its names; null when there are others between.
  wayTo(identifier, top) {
    const way = [];
    for (let node = identifier; node && node !== top; node = node.parent) {
      const parent = node.parent;
      if (parent === top) return way;
      if (parent.type === 'Property') { if (parent.computed) return null; way.unshift(nameOf(parent.key)); }
      else if (parent.type === 'AssignmentPattern') { if (parent.left !== node) return null; }
      else if (parent.type !== 'ObjectPattern') return null;
    }
    return way;
  }

  ofVariable(source, node, depth) {
    const variable = source.variable(node);
    const declared = variable ?? (node.parent?.type === 'VariableDeclarator' ? source.declared(node.parent).find((one) => one.name === node.name) : null);
    if (!declared || declared.defs.length !== 1) return null;
    if (!this.variables.has(declared)) {
      this.variables.set(declared, null); // what depends on itself is unknown
      this.variables.set(declared, this.valueOf(source, declared, depth));
    }
    return this.variables.get(declared);
  }

  valueOf(source, variable, depth) {
    const definition = variable.defs[0];
    if (definition.type === 'ImportBinding') {
      const from = this.importOf(source, definition);
      if (!from) return null;
      if (from.file) return from.name === '*' ? null : this.exportValue(from.file, from.name, depth);
      const module = this.module(from.specifier);
      if (!module) return null;
      if (from.name === '*' || from.name === 'default') return module;
      return module === '$' ? '$.' + from.name : module === '$.' + from.name ? module : null;
    }
    if (definition.type === 'Parameter') return this.ofParameter(source, variable, definition, depth);
    if (definition.type !== 'Variable') return null;
    const writes = source.writes(variable);
    if (!writes.length) return this.ofType(source, definition.name.typeAnnotation, depth);
    let value;
    for (const write of writes) {
      let one = null;
      if (write.init && definition.node.id.type !== 'Identifier') {
        const way = this.wayTo(write.identifier, definition.node);
        if (way && definition.node.init) {
          const file = this.moduleOf(source, definition.node.init);
          one = file ? (way.length === 1 ? this.exportValue(file, way[0], depth) : null)
            : way.reduce((base, name) => this.member(base, name), this.of(source, definition.node.init, depth));
        }
      } else if (write.writeExpr && (write.init || (write.identifier.parent?.type === 'AssignmentExpression' && write.identifier.parent.operator === '=' && write.identifier.parent.left === write.identifier))) {
        one = this.of(source, write.writeExpr, depth);
      }
      one = this.named(one);
      if (one && this.strict[one.slice(1)] && !this.usedAs(source, variable, this.strict[one.slice(1)])) return null;
      if (one === null || (value !== undefined && value !== one)) return null;
      value = one;
    }
    return value;
  }

  ofParameter(source, variable, definition, depth) {
    if (source.writes(variable).some((reference) => !reference.init)) return null;
    const identifier = definition.name;
    const typed = this.ofType(source, identifier.typeAnnotation, depth);
    if (typed) return typed;
    const index = definition.node.params?.findIndex((one) => one === identifier || (one.type === 'AssignmentPattern' && one.left === identifier) || (one.type === 'ObjectPattern' && identifier.range[0] >= one.range[0] && identifier.range[1] <= one.range[1]));
    if (index === undefined || index < 0) return null;
    const value = this.marks.get(source.file)?.get(definition.node.range[0])?.get(index) ?? this.ofType(source, definition.node.params[index].typeAnnotation, depth);
    if (!value || definition.node.params[index].type !== 'ObjectPattern') return value ?? null;
    const way = this.wayTo(identifier, definition.node.params[index].parent);
    return way ? way.reduce((base, name) => this.member(base, name), value) : null;
  }

  ofType(source, annotation, depth) {
    if (!annotation || !this.types.length) return null;
    let type = annotation.type === 'TSTypeAnnotation' ? annotation.typeAnnotation : annotation;
    if (type?.type !== 'TSTypeReference') return null;
    const value = this.ofTypeName(source, type.typeName, depth);
    if (!value) return null;
    for (const [pattern, name] of this.types) if (pattern.test(value)) return name;
    return null;
  }

  ofTypeName(source, name, depth = 0) {
    if (name.type === 'Identifier') return this.ofVariable(source, name, depth);
    if (name.type !== 'TSQualifiedName') return null;
    return this.member(this.ofTypeName(source, name.left, depth + 1), name.right.name);
  }

  /// `this.name` inside a class: every value that it gets there.
  ofField(source, node, name, depth) {
    let top = node.parent;
    for (; top && top.type !== 'ClassBody'; top = top.parent)
      if ((top.type === 'FunctionExpression' && !['MethodDefinition', 'PropertyDefinition'].includes(top.parent.type)) || top.type === 'FunctionDeclaration') return null;
    if (!top) return null;
    if (!top.fields) {
      top.fields = new Map();
      const add = (key, value) => { if (key !== undefined) top.fields.set(key, [...top.fields.get(key) ?? [], value]); };
      for (const one of top.body) if (one.type === 'PropertyDefinition' && !one.computed) { if (one.value) add(nameOf(one.key), one.value); else if (one.typeAnnotation) add(nameOf(one.key), one); }
      for (const one of source.all('AssignmentExpression'))
        if (one.range[0] >= top.range[0] && one.range[1] <= top.range[1] && one.left.type === 'MemberExpression' && one.left.object.type === 'ThisExpression') add(one.left.computed ? stringOf(one.left.property) : one.left.property.name, one.operator === '=' ? one.right : null);
    }
    let value;
    for (const one of top.fields.get(name) ?? []) {
      const found = !one ? null : one.type === 'PropertyDefinition' ? this.ofType(source, one.typeAnnotation, depth) : this.of(source, one, depth);
      if (found === null && one?.type === 'PropertyDefinition') continue; // declared there, given elsewhere
      if (found === null || (value !== undefined && value !== found)) return null;
      value = found;
    }
    return value ?? null;
  }
}
