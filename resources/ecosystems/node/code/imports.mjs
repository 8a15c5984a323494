// Changes of import, export and require: another path, a name for what was the default, another name or module of an export.
import { bare, nameOf, stringOf } from './source.mjs';

const mocks = /^(jest|vi|vitest)$/;
const mockCalls = new Set(['mock', 'doMock', 'unmock', 'dontMock', 'setMock', 'requireActual', 'requireMock', 'importActual', 'importMock', 'doUnmock', 'createMockFromModule', 'unstable_mockModule', 'hoisted']);

/// Every place where a module's name stands: { node, literal, kind }.
export function modulePlaces(source) {
  const found = [];
  const add = (node, literal, kind) => { const text = literal && stringOf(bare(literal)); if (text !== undefined) found.push({ node, literal: bare(literal), specifier: text, kind }); };
  for (const node of source.all('ImportDeclaration')) add(node, node.source, node.importKind === 'type' ? 'type' : 'import');
  for (const node of source.all('ExportNamedDeclaration', 'ExportAllDeclaration')) if (node.source) add(node, node.source, 'export');
  for (const node of source.all('ImportExpression')) add(node, node.source, 'dynamic');
  for (const node of source.all('TSExternalModuleReference')) add(node, node.expression, 'require');
  for (const node of source.all('TSImportType')) add(node, node.source ?? node.argument?.literal ?? node.argument, 'type');
  for (const node of source.all('TSModuleDeclaration')) if (node.id.type === 'Literal') add(node, node.id, 'type');
  for (const node of source.all('CallExpression')) {
    const callee = bare(node.callee);
    if (callee.type === 'Identifier' && callee.name === 'require' && source.isGlobal(callee)) add(node, node.arguments[0], 'require');
    if (callee.type !== 'MemberExpression' || callee.computed || callee.object.type !== 'Identifier') continue;
    if (callee.object.name === 'require' && callee.property.name === 'resolve' && source.isGlobal(callee.object)) add(node, node.arguments[0], 'require');
    if (mocks.test(callee.object.name) && mockCalls.has(callee.property.name)) add(node, node.arguments[0], 'mock');
  }
  return found;
}

/// `from` with a "*" at its end stands for everything below.
export function renameModule(edits, rule) {
  const open = rule.import.endsWith('*'), start = open ? rule.import.slice(0, -1) : rule.import;
  for (const { node, literal, specifier } of modulePlaces(edits.source)) {
    if (open ? !specifier.startsWith(start) || specifier.length === start.length : specifier !== start) continue;
    if (rule.by_hand) { edits.hand(rule, node, rule.by_hand); continue; }
    const rest = open ? specifier.slice(start.length) : '';
    if (rule.unless && new RegExp(rule.unless).test(specifier)) continue;
    const to = rule.names && (Object.hasOwn(rule.names, rest) || !rule.to) ? rule.names[rest] : rule.to.replace('*', rule.camel ? camel(rest) : rest);
    if (to === undefined || to === null) edits.hand(rule, node, `${specifier} has no place of its own any more`);
    else edits.add(rule, node, { start: literal.range[0] + 1, end: literal.range[1] - 1, text: to });
  }
}

const listOf = (rule) => Array.isArray(rule.import) ? rule.import : [rule.import];
/// Modules of a rule, also those below a folder.
const modulesOf = (rule) => ({ includes: (specifier) => specifier !== undefined && listOf(rule).some((one) => one.endsWith('*') ? specifier.startsWith(one.slice(0, -1)) && specifier.length >= one.length && !specifier.slice(one.length - 1).includes('/') : one === specifier) });
const camel = (text) => text.replace(/[-_]+(\w)/g, (all, letter) => letter.toUpperCase()).replace(/^(.+)Iso(?=[A-Z]|$)/g, '$1ISO');

/// The uses of a variable, apart from where it gets its value.
const uses = (variable) => variable.references.filter((reference) => !reference.init).map((reference) => reference.identifier);

/// What was the default export, or the whole module, has a name now ("default": it stands on a namespace).
export function nameDefault(edits, values, rule) {
  if (rule.default_as === '@path') {
    // The last part of the path is the name: 'date-fns/addDays' has addDays.
    for (const specifier of new Set(modulePlaces(edits.source).map((one) => one.specifier))) {
      if (modulesOf(rule).includes(specifier) && !rule.except?.includes(specifier)) nameDefault(edits, values, { ...rule, import: specifier, default_as: camel(specifier.split('/').at(-1)) });
    }
    return;
  }
  const source = edits.source, name = rule.default_as;
  if (mocked(edits, rule, rule.to)) return;
  if (name === '*') {
    for (const node of source.all('ImportDeclaration')) {
      if (!modulesOf(rule).includes(stringOf(node.source))) continue;
      const whole = node.specifiers.find((one) => one.type === 'ImportDefaultSpecifier');
      const called = whole && uses(source.declared(whole)[0]).some((one) => /^(CallExpression|NewExpression)$/.test(one.parent.type) && one.parent.callee === one);
      if (whole && node.specifiers.length === 1 && !called) edits.replace(rule, whole, `* as ${whole.local.name}`);
      else if (whole) edits.hand(rule, node, 'there is no default export any more');
    }
    return;
  }
  const kept = new Set(rule.keep_members ?? []);
  // What another rule takes away now needs no name; what is left then is looked at in the next pass.
  const leaves = (variable) => { const all = uses(variable); return all.length > 0 && all.every((one) => edits.covering(one)); };
  const moved = (literal) => rule.to ? [{ start: literal.range[0] + 1, end: literal.range[1] - 1, text: rule.to }] : [];
  const memberOf = (node) => node.parent.type === 'MemberExpression' && node.parent.object === node ? (node.parent.computed ? stringOf(node.parent.property) ?? null : node.parent.property.name)
    : node.parent.type === 'TSQualifiedName' && node.parent.left === node ? node.parent.right.name : undefined;
  const doubles = /(^|\.)(stub|spy|spyOn|mock\w*|replace)$/;
  // own: uses of the default itself. members: of names that stay. foreign: those of which it cannot be told.
  const sortUses = (variable) => {
    const sorted = { own: [], members: [], foreign: [] };
    for (const one of uses(variable)) {
      const member = memberOf(one), parent = one.parent;
      if (member !== undefined) (kept.has(member) || member === name ? sorted.members : rule.carries_members && member !== null ? sorted.own : sorted.foreign).push(one);
      else if (/^(CallExpression|NewExpression)$/.test(parent.type) && parent.callee === one) sorted.own.push(one);
      else if (parent.type === 'TaggedTemplateExpression' || (parent.type === 'UnaryExpression' && parent.operator === 'typeof') || parent.type === 'TSTypeQuery' || parent.type === 'TSTypeReference' || /^JSX/.test(parent.type)) sorted.own.push(one);
      else if (/^(CallExpression|NewExpression)$/.test(parent.type)) (doubles.test(source.textOf(parent.callee)) ? sorted.foreign : sorted.own).push(one);
      else if (parent.type === 'SpreadElement' || (parent.type === 'VariableDeclarator' && parent.id.type === 'ObjectPattern')) sorted.foreign.push(one);
      else (kept.size && !rule.carries_members ? sorted.foreign : sorted.own).push(one);
    }
    return sorted;
  };
  const specifier = (local) => local === name ? `{ ${name} }` : `{ ${name} as ${local} }`;
  for (const node of source.all('ImportDeclaration')) {
    if (!modulesOf(rule).includes(stringOf(node.source)) || node.importKind === 'type') continue;
    const whole = node.specifiers.find((one) => one.type === 'ImportDefaultSpecifier'), space = node.specifiers.find((one) => one.type === 'ImportNamespaceSpecifier');
    const named = node.specifiers.filter((one) => one.type === 'ImportSpecifier');
    const asDefault = named.find((one) => nameOf(one.imported) === 'default');
    if (asDefault && name !== 'default') edits.add(rule, asDefault, { start: asDefault.imported.range[0], end: asDefault.imported.range[1], text: name }, ...moved(node.source));
    const target = whole ?? space;
    if (!target) continue;
    const variable = source.declared(target)[0], { own, members, foreign } = sortUses(variable);
    if (leaves(variable)) continue;
    if (foreign.length && (whole ? name !== 'default' : own.length)) { for (const one of foreign) edits.hand(rule, one, `what it stands for is ${name === 'default' ? 'the default' : name} of ${stringOf(node.source)} or all of it`); continue; }
    if (!own.length && (members.length || space)) { if (whole && name !== 'default' && node.specifiers.length === 1) edits.replace(rule, target, `* as ${target.local.name}`); continue; }
    if (name === 'default') { if (space) for (const one of own) if (!memberOf(one) && /^(CallExpression|NewExpression)$/.test(one.parent.type)) edits.replace(rule, one, `${one.name}.default`); continue; }
    if (whole && space) { edits.hand(rule, node, 'the default and everything are imported together'); continue; }
    if (space) {
      if (own.some((one) => !/^(CallExpression|NewExpression)$/.test(one.parent.type))) { for (const one of own) edits.hand(rule, one, `it is ${name} of ${stringOf(node.source)} now`); continue; }
      if (own.length) edits.add(rule, node, ...own.map((one) => ({ start: one.range[1], end: one.range[1], text: `.${name}` })), ...moved(node.source));
      continue;
    }
    if (members.length) {
      // Both are used: everything is imported, and the default gets its name where it is used.
      if (named.length) { edits.hand(rule, node, 'the default and its members are used together'); continue; }
      if (own.some((one) => one.parent.type === 'Property' && one.parent.shorthand)) { edits.hand(rule, node, 'the default and its members are used together'); continue; }
      edits.add(rule, node, { start: target.range[0], end: target.range[1], text: `* as ${target.local.name}` }, ...own.map((one) => ({ start: one.range[1], end: one.range[1], text: `.${name}` })), ...moved(node.source));
      continue;
    }
    const rest = named.map((one) => source.textOf(one)).join(', ');
    const text = rest ? `{ ${target.local.name === name ? name : `${name} as ${target.local.name}`}, ${rest} }` : specifier(target.local.name);
    const end = named.length ? source.text.indexOf('}', named.at(-1).range[1]) + 1 : target.range[1];
    edits.add(rule, node, { start: target.range[0], end, text }, ...moved(node.source));
  }
  for (const node of source.all('ExportNamedDeclaration')) {
    if (!node.source || !modulesOf(rule).includes(stringOf(node.source)) || name === 'default') continue;
    for (const one of node.specifiers) if (nameOf(one.local) === 'default')
      edits.add(rule, one, { start: one.range[0], end: one.range[1], text: nameOf(one.exported) === name ? name : `${name} as ${nameOf(one.exported)}` }, ...moved(node.source));
  }
  for (const node of source.all('CallExpression')) {
    const text = values.required(source, node);
    if (text === undefined || !modulesOf(rule).includes(text)) continue;
    const parts = moved(node.arguments[0]);
    let parent = node.parent, top = node;
    while (/^(TSAsExpression|TSNonNullExpression)$/.test(parent.type)) { top = parent; parent = parent.parent; }
    if (parent.type === 'MemberExpression' && parent.object === top) {
      const member = parent.computed ? stringOf(parent.property) : parent.property.name;
      if (member === undefined) { edits.hand(rule, node, 'which of its members is used cannot be told'); continue; }
      if (parent.parent.type === 'VariableDeclarator' && source.declared(parent.parent).every(leaves)) continue;
      if (member === 'default' && name !== 'default') edits.add(rule, node, { start: parent.property.range[0], end: parent.property.range[1], text: name }, ...parts);
      else if (member !== name && !kept.has(member) && rule.carries_members) edits.add(rule, node, { start: node.range[1], end: node.range[1], text: `.${name}` }, ...parts);
      else if (member !== name && !kept.has(member)) edits.hand(rule, node, `${member} is not known to stay where it is`);
      continue;
    }
    if (parent.type === 'VariableDeclarator' && parent.init === top && parent.id.type === 'ObjectPattern') {
      const keys = parent.id.properties.map((one) => one.type === 'Property' && !one.computed ? nameOf(one.key) : null);
      const stays = (key) => kept.has(key) || key === name;
      if (keys.every((key) => key !== null && !stays(key)) && rule.carries_members && keys.length) edits.add(rule, node, { start: node.range[1], end: node.range[1], text: `.${name}` }, ...parts);
      else if (!keys.every(stays)) edits.hand(rule, node, 'not all of these are known to stay where they are');
      continue;
    }
    if (parent.type === 'VariableDeclarator' && parent.init === top && parent.id.type === 'Identifier') {
      const variable = source.declared(parent)[0];
      if (!variable || leaves(variable)) continue;
      const { own, members, foreign } = sortUses(variable);
      if (foreign.length) { for (const one of foreign) edits.hand(rule, one, `what it stands for is ${name === 'default' ? 'the default' : name} of ${text} or all of it`); continue; }
      if (!own.length && members.length) continue;
      const local = parent.id.name;
      if (members.length) {
        if (own.some((one) => one.parent.type === 'Property' && one.parent.shorthand)) { edits.hand(rule, node, 'the default and its members are used together'); continue; }
        edits.add(rule, node, ...own.map((one) => ({ start: one.range[1], end: one.range[1], text: `.${name}` })), ...parts);
      } else if (name === 'default' || parent.parent.kind === undefined || parent.id.typeAnnotation) edits.add(rule, node, { start: node.range[1], end: node.range[1], text: `.${name}` }, ...parts);
      else edits.add(rule, node, { start: parent.id.range[0], end: parent.id.range[1], text: local === name ? `{ ${name} }` : `{ ${name}: ${local} }` }, ...parts);
      continue;
    }
    if (parent.type === 'ExpressionStatement') continue;
    if (parent.type === 'SpreadElement') { edits.hand(rule, node, 'which of its members is used cannot be told'); continue; }
    edits.add(rule, node, { start: node.range[1], end: node.range[1], text: `.${name}` }, ...parts);
  }
  for (const node of source.all('ImportExpression'))
    if (modulesOf(rule).includes(stringOf(node.source)) && name !== 'default' && node.parent.type === 'AwaitExpression' && node.parent.parent.type === 'MemberExpression' && node.parent.parent.property.name === 'default')
      edits.add(rule, node, { start: node.parent.parent.property.range[0], end: node.parent.parent.property.range[1], text: name }, ...moved(node.source));
}

/// The edits that give a variable another name wherever it stands; null when that name means something already.
function renameUses(source, variable, to, taken) {
  // Markup uses the old name; two names may become one.
  if (source.hasMarkup || taken.has(to)) return null;
  taken.add(to);
  if (source.declares(to) || [...source.references.keys()].some((one) => one.name === to)) return null;
  const parts = [];
  for (const node of uses(variable)) {
    const parent = node.parent;
    if (parent.type === 'Property' && parent.shorthand) parts.push({ start: node.range[0], end: node.range[1], text: `${node.name}: ${to}` });
    else if (parent.type === 'ExportSpecifier') parts.push(parent.local.range[0] === parent.exported.range[0] ? { start: node.range[0], end: node.range[1], text: `${to} as ${node.name}` } : { start: node.range[0], end: node.range[1], text: to });
    else parts.push({ start: node.range[0], end: node.range[1], text: to });
    if (parent.type === 'JSXOpeningElement') { const closing = parent.parent.closingElement; if (closing) parts.push({ start: closing.name.range[0], end: closing.name.range[1], text: to }); }
    if (parent.type === 'JSXMemberExpression') { let top = parent; while (top.parent.type === 'JSXMemberExpression') top = top.parent; const closing = top.parent.parent?.closingElement; if (top.parent.type === 'JSXOpeningElement' && closing) { let first = closing.name; while (first.object) first = first.object; parts.push({ start: first.range[0], end: first.range[1], text: to }); } }
  }
  const seen = new Set();
  return parts.filter((part) => !seen.has(part.start) && seen.add(part.start));
}

/// Whether a test of this file stands in for a module that would move: the stand-in would be for nothing.
function mocked(edits, rule, to) {
  const found = modulePlaces(edits.source).filter((one) => one.kind === 'mock' && (modulesOf(rule).includes(one.specifier) || (to !== undefined && one.specifier === to)) && (to !== undefined || one.node.arguments.length > 1));
  for (const one of found) edits.hand(rule, one.node, 'what is mocked here has another form now');
  return found.length > 0;
}

/// An export that has another name, or another module, or both. `export: "*"` moves whatever is imported.
export function moveExport(edits, values, rule) {
  const source = edits.source, module = rule.to_module, quote = source.quote();
  const names = typeof rule.export === 'string' ? { [rule.export]: rule.to ?? rule.export } : rule.export;
  const has = (name) => Object.hasOwn(names, name);
  if (mocked(edits, rule, module)) return;
  const assigned = new Set(source.all('MemberExpression').filter((node) => source.isTarget(node) && !node.computed).map((node) => node.property.name));
  const literal = (node) => ({ start: node.range[0] + 1, end: node.range[1] - 1, text: module });
  const taken = new Set();
  const semicolon = (node) => source.text[node.range[1] - 1] === ';' ? ';' : '';
  for (const node of source.all('ImportDeclaration')) {
    if (!modulesOf(rule).includes(stringOf(node.source))) continue;
    const mine = node.specifiers.filter((one) => one.type === 'ImportSpecifier' && has(nameOf(one.imported)));
    if (!mine.length) continue;
    if (rule.by_hand) { for (const one of mine) edits.hand(rule, one, rule.by_hand); continue; }
    const renamed = mine.map((one) => {
      const from = nameOf(one.imported), to = names[from], kind = one.importKind === 'type' ? 'type ' : '';
      if (to === from) return { text: source.textOf(one), parts: [] };
      if (one.local.name !== from) return { text: `${kind}${to} as ${one.local.name}`, parts: [] };
      const parts = renameUses(source, source.declared(one)[0], to, taken);
      return parts ? { text: kind + to, parts } : { text: `${kind}${to} as ${from}`, parts: [] };
    });
    const useParts = renamed.flatMap((one) => one.parts);
    if (!module || mine.length === node.specifiers.length) {
      // One edit for the declaration, so that nothing is left half done.
      edits.add(rule, mine[0], ...mine.map((one, i) => ({ start: one.range[0], end: one.range[1], text: renamed[i].text })), ...(module ? [literal(node.source)] : []), ...useParts);
    } else {
      const others = node.specifiers.filter((one) => one.type === 'ImportSpecifier' && !mine.includes(one));
      const whole = node.specifiers.find((one) => one.type !== 'ImportSpecifier');
      if (whole?.type === 'ImportNamespaceSpecifier') continue;
      if (source.commentIn(...node.range)) { for (const one of mine) edits.hand(rule, one, `it comes from ${module} now`); continue; }
      const head = source.text.slice(node.range[0], node.specifiers[0].range[0]).replace(/[{\s]+$/, ' ').replace(/\s+$/, ' ');
      const keep = [whole ? source.textOf(whole) : '', others.length ? `{ ${others.map((one) => source.textOf(one)).join(', ')} }` : ''].filter(Boolean).join(', ');
      const type = node.importKind === 'type' ? 'import type' : 'import';
      edits.add(rule, mine[0], { start: node.range[0], end: node.range[1], text: `${head}${keep} from ${source.textOf(node.source)}${semicolon(node)}${source.newline()}${type} { ${renamed.map((one) => one.text).join(', ')} } from ${quote}${module}${quote}${semicolon(node)}` }, ...useParts);
    }
  }
  for (const node of source.all('ExportNamedDeclaration')) {
    if (!node.source || !modulesOf(rule).includes(stringOf(node.source))) continue;
    const mine = node.specifiers.filter((one) => has(nameOf(one.local)));
    if (!mine.length) continue;
    if (rule.by_hand || (module && mine.length !== node.specifiers.length)) { for (const one of mine) edits.hand(rule, one, rule.by_hand ?? `it comes from ${module} now`); continue; }
    edits.add(rule, mine[0], ...mine.map((one) => { const to = names[nameOf(one.local)], as = nameOf(one.exported); return { start: one.range[0], end: one.range[1], text: to === as ? to : `${to} as ${as}` }; }), ...(module ? [literal(node.source)] : []));
  }
  for (const node of source.all('VariableDeclarator')) {
    const call = bare(node.init);
    if (node.id.type !== 'ObjectPattern' || call?.type !== 'CallExpression' || !modulesOf(rule).includes(values.required(source, call))) continue;
    const mine = node.id.properties.filter((one) => one.type === 'Property' && !one.computed && has(nameOf(one.key)));
    if (!mine.length) continue;
    if (rule.by_hand) { for (const one of mine) edits.hand(rule, one, rule.by_hand); continue; }
    const renamed = mine.map((one) => {
      const from = nameOf(one.key), to = names[from];
      if (to === from) return { text: source.textOf(one), parts: [] };
      if (!one.shorthand || one.value.type !== 'Identifier') return { text: `${to}: ${source.textOf(one.value)}`, parts: [] };
      const variable = source.declared(node).find((other) => other.name === from);
      const parts = variable && renameUses(source, variable, to, taken);
      return parts ? { text: to, parts } : { text: `${to}: ${from}`, parts: [] };
    });
    const useParts = renamed.flatMap((one) => one.parts);
    if (!module || mine.length === node.id.properties.length) {
      edits.add(rule, mine[0], ...mine.map((one, i) => ({ start: one.range[0], end: one.range[1], text: renamed[i].text })), ...(module ? [literal(call.arguments[0])] : []), ...useParts);
    } else if (node.parent.declarations.length === 1 && !source.commentIn(...node.parent.range)) {
      const others = node.id.properties.filter((one) => !mine.includes(one));
      edits.add(rule, mine[0], { start: node.id.range[0], end: node.id.range[1], text: `{ ${others.map((one) => source.textOf(one)).join(', ')} }` },
        { start: node.parent.range[1], end: node.parent.range[1], text: `${source.newline()}${node.parent.kind} { ${renamed.map((one) => one.text).join(', ')} } = require(${quote}${module}${quote})${semicolon(node.parent)}` }, ...useParts);
    } else for (const one of mine) edits.hand(rule, one, `it comes from ${module} now`);
  }
  // Members of the whole module: `ns.old`, `<ns.Old>`, `ns.Old` as a type.
  for (const node of source.all('MemberExpression', 'JSXMemberExpression', 'TSQualifiedName')) {
    const property = node.property ?? node.right, object = node.object ?? node.left;
    const name = node.computed ? stringOf(property) : property.name;
    if (!has(name)) continue;
    const base = node.type === 'TSQualifiedName' ? values.ofTypeName(source, object) : values.of(source, object);
    if (base !== '$' || !comesFrom(source, values, object, modulesOf(rule))) continue;
    if (assigned.has(name)) { edits.hand(rule, node, `${name} is given a value in this file`); continue; }
    if (rule.by_hand) { edits.hand(rule, node, rule.by_hand); continue; }
    const to = names[name];
    if (!module) { if (to !== name) edits.add(rule, node, node.computed ? { start: property.range[0] + 1, end: property.range[1] - 1, text: to } : { start: property.range[0], end: property.range[1], text: to }); continue; }
    const local = edits.need(to, module, node);
    if (local) edits.replace(rule, node, local); else edits.hand(rule, node, `it is ${to} of ${module} now`);
  }
}

/// Whether a name of this file is one of these modules itself.
function comesFrom(source, values, object, modules) {
  const node = bare(object);
  if (node.type === 'CallExpression') return modules.includes(values.required(source, node));
  if (node.type === 'AwaitExpression') return modules.includes(stringOf(bare(node.argument).source));
  const variable = source.variable(node), definition = variable?.defs.length === 1 ? variable.defs[0] : null;
  if (definition?.type === 'ImportBinding') return modules.includes(values.importOf(source, definition)?.specifier);
  if (definition?.type === 'Variable' && definition.node.init) return comesFrom(source, values, definition.node.init, modules);
  return false;
}
