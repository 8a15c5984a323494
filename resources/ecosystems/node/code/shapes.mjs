// What a rule looks for and what it changes. One function for each shape of change; the type of a rule is for people, the fields that
// it has choose the shape:
//   target + to              a member or an export gets another name          (function_rename, type_system_change)
//   call | construct + replace   a call is written in another way             (param_signature_change, deprecated_api_replacement, ...)
//   call + argument + strings    the text of an argument changes              (syntax_change)
//   [call + argument] + key  a key of a configuration object                  (config_key_rename, middleware_api_change)
//   import + to              a module has another path                        (import_path_change)
//   import + default_as      what was the default export has a name           (default_to_named_export)
//   import + export + to     an export has another name, or another module    (named_export_rename)
// With by_hand in place of the change the places are named and left alone.
import { bare, isFunction, nameOf, stringOf } from './source.mjs';
import { filled, kindOf, withComma } from './edits.mjs';
import { moveExport, nameDefault, renameModule } from './imports.mjs';
import { memberName, patternOf } from './values.mjs';

const compiled = new Map();
const pattern = (text) => compiled.get(text) ?? compiled.set(text, patternOf(text)).get(text);

/// What a name stands for that is given a value once, or the expression itself.
function constantOf(source, argument) {
  const node = bare(argument);
  const variable = node.type === 'Identifier' ? source.variable(node) : null, definition = variable?.defs.length === 1 ? variable.defs[0] : null;
  return definition?.type === 'Variable' && definition.node.id.type === 'Identifier' && definition.node.init && !isFunction(bare(definition.node.init)) && source.writes(variable).length === 1 ? definition.node.init : argument;
}

/// Whether a call is of the kind that `when` describes.
export function fits(source, node, when = {}) {
  const count = node.arguments?.length ?? 0;
  for (const [key, wanted] of Object.entries(when)) {
    if (key === 'arguments') {
      const text = String(wanted);
      const [least, most] = text.split('-').map(Number);
      if (text.endsWith('+') ? count < parseInt(text, 10) : text.includes('-') ? count < least || count > most : count !== Number(text)) return false;
    } else if (key === 'type_arguments') {
      if (((node.typeArguments ?? node.typeParameters)?.params.length ?? 0) !== Number(wanted)) return false;
    } else if (key === 'result') {
      // "unused": a statement of its own; "used": anything else.
      let top = node;
      while (top.parent && /^(ChainExpression|AwaitExpression)$/.test(top.parent.type)) top = top.parent;
      const used = top.parent?.type !== 'ExpressionStatement' || top !== node;
      // "dropped": at most handed back from a function, where nobody looks at it.
      const back = used && (top.parent.type === 'ReturnStatement' || (top.parent.type === 'ArrowFunctionExpression' && top.parent.body === top));
      if (wanted === 'dropped' ? used && !back : (wanted === 'used') !== used) return false;
    } else if (key === 'awaited') {
      const parent = node.parent;
      const awaited = parent.type === 'AwaitExpression' || (parent.type === 'MemberExpression' && parent.object === node && ['then', 'catch', 'finally'].includes(parent.property.name));
      if (awaited !== (wanted === true || wanted === 'true')) return false;
    } else if (key === 'inside') {
      let top = node.parent, inner = node;
      for (; top && !isFunction(top) && top.type !== 'PropertyDefinition' && top.type !== 'StaticBlock'; inner = top, top = top.parent);
      if (wanted === 'top') { if (top) return false; continue; }
      if (top && (!isFunction(top) || top.params.includes(inner))) return false;
      if (wanted === 'async' ? !(top ? top.async : source.isModule) : (top ? top.async : source.isModule)) return false;
    } else {
      const kinds = Array.isArray(wanted) ? wanted : String(wanted).split('|');
      const argument = key === 'last' ? node.arguments?.at(-1) : node.arguments?.[Number(key)];
      const kind = kindOf(source, argument);
      const text = argument && stringOf(bare(argument));
      const one = (word) => word.startsWith('=') ? text === word.slice(1) : word.startsWith('~') ? text !== undefined && new RegExp(word.slice(1)).test(text) : word.startsWith('/') ? argument !== undefined && new RegExp(word.slice(1, -1)).test(source.textOf(constantOf(source, argument))) : word === kind;
      const no = kinds[0].startsWith('!');
      if (no ? kinds.some((word) => one(word.replace('!', ''))) : !kinds.some(one)) return false;
    }
  }
  return true;
}

/// Members and exports that have another name now.
function rename(edits, values, rule) {
  const source = edits.source, target = pattern(rule.target);
  const old = rule.target.split('.').at(-1);
  // A member that the file itself sets is not the package's any more.
  const assigned = new Set(source.all('MemberExpression').filter((node) => source.isTarget(node)).map((node) => memberName(node)).filter((name) => name !== undefined));
  const matches = (name) => old === '*' || new RegExp(`^${pattern(old).source.slice(1, -1)}$`).test(name);
  for (const node of source.all('MemberExpression')) {
    const name = memberName(node);
    if (name === undefined || !matches(name)) continue;
    const base = values.of(source, node.object);
    if (base === null || !target.test(`${base}.${name}`)) {
      if (base === null && !rule.target.startsWith('$') && rule.unsure !== false && rule.to !== undefined) edits.unsure?.(rule, node, name);
      continue;
    }
    if (rule.by_hand) { edits.hand(rule, node, rule.by_hand); continue; }
    const to = typeof rule.to === 'string' ? rule.to : Object.hasOwn(rule.to, name) ? rule.to[name] : undefined;
    if (to === undefined) continue;
    if (assigned.has(name)) { edits.hand(rule, node, `${name} is given a value in this file`); continue; }
    if (rule.when && !(node.parent.type === 'CallExpression' && node.parent.callee === node && fits(source, node.parent, rule.when))) { edits.hand(rule, node, `${name} is used in a way that has no direct successor`); continue; }
    if (!node.computed) edits.add(rule, node, { start: node.property.range[0], end: node.property.range[1], text: to });
    else if (!to.includes('.')) edits.add(rule, node, { start: node.property.range[0] + 1, end: node.property.range[1] - 1, text: to });
    else edits.hand(rule, node, `${name} is ${to} now`);
  }
  for (const node of source.all('TSQualifiedName')) {
    const base = values.ofTypeName(source, node.left);
    if (base === null || !matches(node.right.name) || !target.test(`${base}.${node.right.name}`)) continue;
    const to = typeof rule.to === 'string' ? rule.to : rule.to?.[node.right.name];
    if (rule.by_hand) edits.hand(rule, node, rule.by_hand);
    else if (to) edits.add(rule, node, { start: node.right.range[0], end: node.right.range[1], text: to });
  }
  // `const { old } = value`, also as a parameter.
  for (const node of source.all('ObjectPattern')) for (const property of node.properties) {
    if (property.type !== 'Property' || property.computed || !matches(nameOf(property.key) ?? '')) continue;
    const local = property.value.type === 'AssignmentPattern' ? property.value.left : property.value;
    if (local.type !== 'Identifier') continue;
    const variable = source.declared(node.parent).find((one) => one.identifiers.includes(local));
    if (!variable || variable.defs.length !== 1) continue;
    const value = values.valueOf(source, variable, 0);
    if (value === null || !target.test(value)) continue;
    if (rule.by_hand) { edits.hand(rule, property, rule.by_hand); continue; }
    const to = typeof rule.to === 'string' ? rule.to : rule.to[nameOf(property.key)];
    if (!to || rule.when || to.includes('.') || to.includes('(')) edits.hand(rule, property, `${nameOf(property.key)} is ${to} now`);
    else edits.add(rule, property, property.shorthand ? { start: property.key.range[0], end: property.key.range[1], text: `${to}: ${local.name}` } : { start: property.key.range[0], end: property.key.range[1], text: to });
  }
}

/// Calls that are written in another way.
function rewrite(edits, values, rule) {
  const source = edits.source, target = pattern(rule.call ?? rule.construct ?? rule.read);
  const nodes = rule.construct ? source.all('NewExpression') : rule.call ? source.all('CallExpression') : source.all('MemberExpression', 'Identifier');
  for (const node of nodes) {
    if (node.type === 'Identifier' && (!source.references.has(node) || source.references.get(node).init || node.parent.type === 'ExportSpecifier' || (node.parent.type === 'Property' && node.parent.shorthand))) continue;
    const value = rule.read ? values.of(source, node) : values.of(source, node.callee);
    if (value === null || !target.test(value) || (!rule.read && !fits(source, node, rule.when))) continue;
    if (rule.by_hand) { edits.hand(rule, node, rule.by_hand); continue; }
    if (node.arguments?.some((one) => one.type === 'SpreadElement')) { edits.hand(rule, node, 'it is called with a spread'); continue; }
    if (rule.read && node.parent.type === 'AssignmentExpression' && node.parent.left === node) { edits.hand(rule, node, 'it is assigned to'); continue; }
    if (node.parent.type === 'ChainExpression' || node.optional || bare(node.callee)?.optional) { edits.hand(rule, node, 'it is called with "?."'); continue; }
    if (rule.await) {
      // Already waited for, or handed on as the promise that it is.
      let top = node;
      while (top.parent.type === 'ChainExpression') top = top.parent;
      const parent = top.parent;
      const kept = parent.type === 'VariableDeclarator' && parent.id.type === 'Identifier' && source.declared(parent)[0]?.references.some((one) => one.identifier.parent.type === 'AwaitExpression' || (one.identifier.parent.type === 'MemberExpression' && ['then', 'catch', 'finally'].includes(one.identifier.parent.property.name)));
      const expected = parent.type === 'CallExpression' && parent.parent.type === 'MemberExpression' && ['resolves', 'rejects'].includes(parent.parent.property.name);
      if (kept || expected || parent.type === 'AwaitExpression' || parent.type === 'ReturnStatement' || (parent.type === 'ArrowFunctionExpression' && parent.body === top)
        || (parent.type === 'MemberExpression' && ['then', 'catch', 'finally'].includes(parent.property.name)) || (parent.type === 'ArrayExpression' && bare(parent.parent.callee ?? parent)?.property?.name?.startsWith('all'))) continue;
      if (!fits(source, node, { inside: 'async' })) { edits.hand(rule, node, 'it gives a promise now, and the function around it is not async'); continue; }
    }
    let text = filled(edits, rule.replace ?? (rule.await ? 'await ${self}' : ''), node);
    if (text?.startsWith('await ') && (/^(MemberExpression|TSNonNullExpression|TaggedTemplateExpression|BinaryExpression)$/.test(node.parent.type) || (/^(CallExpression|NewExpression)$/.test(node.parent.type) && node.parent.callee === node))) text = `(${text})`;
    if (text === null) edits.hand(rule, node, 'it cannot be rewritten without losing a comment or a name');
    else edits.replace(rule, node, text);
  }
}

/// Strings in an argument.
function rewriteStrings(edits, values, rule) {
  const source = edits.source, target = pattern(rule.call ?? rule.construct);
  const replaces = rule.strings.map((one) => [new RegExp(one.match, 'g'), one.with ?? '', one.by_hand, one.skip]);
  for (const node of source.all(rule.construct ? 'NewExpression' : 'CallExpression')) {
    const value = values.of(source, node.callee);
    if (value === null || !target.test(value) || !fits(source, node, rule.when)) continue;
    let given = node.arguments[rule.argument ?? 0];
    if (!given) continue;
    if (bare(given).type === 'Identifier') {
      // A constant of this file that nothing else uses.
      const variable = source.variable(bare(given)), definition = variable?.defs.length === 1 ? variable.defs[0] : null;
      if (definition?.type === 'Variable' && definition.node.init && definition.parent.kind === 'const' && stringOf(bare(definition.node.init)) !== undefined && variable.references.filter((one) => !one.init).length === 1) given = definition.node.init;
    }
    for (const one of bare(given).type === 'ArrayExpression' ? bare(given).elements : [given]) {
      const literal = one && bare(one), before = literal && stringOf(literal);
      if (before === undefined) continue;
      let after = before, hand = null;
      for (const [match, text, byHand, skip] of replaces) {
        match.lastIndex = 0;
        if (skip) { if (match.test(before)) { after = before; hand = null; break; } continue; }
        if (hand) break;
        if (byHand) { if (match.test(after)) hand = byHand; } else after = after.replace(match, text);
      }
      if (hand) { edits.hand(rule, literal, hand); continue; }
      if (after === before) continue;
      const raw = source.text.slice(literal.range[0] + 1, literal.range[1] - 1);
      if (raw !== before || /["'`\\\n]|\$\{/.test(after)) edits.hand(rule, literal, 'the text has to change, and it is written with escapes');
      else edits.add(rule, literal, { start: literal.range[0] + 1, end: literal.range[1] - 1, text: after });
    }
  }
}

/// The objects that a configuration file gives, through functions, arrays, constants and helpers such as defineConfig().
function configurations(source) {
  const found = [], seen = new Set();
  const follow = (expression, depth) => {
    const node = bare(expression);
    if (!node || depth > 12 || seen.has(node)) return;
    seen.add(node);
    if (node.type === 'ObjectExpression') found.push(node);
    else if (node.type === 'ArrayExpression') node.elements.forEach((one) => follow(one, depth + 1));
    else if (node.type === 'CallExpression') node.arguments.forEach((one) => follow(one, depth + 1));
    else if (node.type === 'AwaitExpression') follow(node.argument, depth + 1);
    else if (node.type === 'ConditionalExpression') { follow(node.consequent, depth + 1); follow(node.alternate, depth + 1); }
    else if (isFunction(node)) {
      if (node.body.type !== 'BlockStatement') follow(node.body, depth + 1);
      else for (const back of source.all('ReturnStatement')) { let own = back.parent; while (own && !isFunction(own)) own = own.parent; if (own === node) follow(back.argument, depth + 1); }
    } else if (node.type === 'Identifier') {
      const definition = source.variable(node)?.defs[0];
      if (definition?.type === 'Variable' && definition.node.init) follow(definition.node.init, depth + 1);
      if (definition?.type === 'FunctionName') follow(definition.node, depth + 1);
    }
  };
  if (source.isJson) follow(source.ast.body[0]?.expression, 0);
  for (const node of source.all('ExportDefaultDeclaration')) follow(node.declaration, 0);
  for (const node of source.all('TSExportAssignment')) follow(node.expression, 0);
  for (const node of source.all('AssignmentExpression'))
    if (node.left.type === 'MemberExpression' && source.textOf(node.left) === 'module.exports') follow(node.right, 0);
  return found;
}

function objectOf(source, expression) {
  const node = bare(expression);
  if (node?.type === 'ObjectExpression') return node;
  if (node?.type !== 'Identifier') return null;
  const variable = source.variable(node), definition = variable?.defs.length === 1 ? variable.defs[0] : null;
  // One that is used elsewhere too may not change here.
  const init = definition?.type === 'Variable' && source.writes(variable).length === 1 && variable.references.filter((one) => !one.init).length === 1 ? bare(definition.node.init) : null;
  return init?.type === 'ObjectExpression' ? init : null;
}

/// Keys of a configuration.
function rewriteKeys(edits, values, rule) {
  const source = edits.source;
  let roots = [];
  if (rule.call || rule.construct) {
    const target = pattern(rule.call ?? rule.construct);
    for (const node of source.all(rule.construct ? 'NewExpression' : 'CallExpression')) {
      const value = values.of(source, node.callee);
      if (value === null || !target.test(value) || !fits(source, node, rule.when)) continue;
      const argument = rule.argument === 'last' ? node.arguments.at(-1) : node.arguments[rule.argument ?? 0];
      if (!argument) continue;
      let object = objectOf(source, argument);
      if (!object && isFunction(bare(argument)) && bare(argument).body.type !== 'BlockStatement') object = objectOf(source, bare(argument).body);
      if (object) roots.push(object);
    }
  } else {
    roots = configurations(source);
  }
  const way = rule.key.split('.'), last = way.pop();
  const down = (object, keys) => {
    if (!keys.length) return [object];
    const [key, ...rest] = keys, next = [];
    for (const property of object.properties) {
      if (property.type !== 'Property' || property.computed || (key !== '*' && nameOf(property.key) !== key)) continue;
      const value = bare(property.value);
      for (const one of value.type === 'ArrayExpression' ? value.elements : [property.value]) { const inner = one && objectOf(source, one); if (inner) next.push(...down(inner, rest)); }
    }
    return next;
  };
  for (const object of new Set(roots.flatMap((root) => down(root, way)))) {
    for (const property of object.properties) {
      if (property.type !== 'Property' || property.computed || nameOf(property.key) !== last) continue;
      if (rule.unless_key?.some((key) => object.properties.some((one) => one.type === 'Property' && nameOf(one.key) === key))) continue;
      const partner = rule.with_key && object.properties.find((one) => one.type === 'Property' && !one.computed && nameOf(one.key) === rule.with_key);
      if (rule.with_key && !partner) continue;
      if (rule.value && !new RegExp(`^(?:${rule.value})$`).test(source.textOf(property.value))) continue;
      if (rule.by_hand) { edits.hand(rule, property, rule.by_hand); continue; }
      const whole = withComma(source, property, object.properties);
      if (rule.remove) { if (source.commentIn(whole.start, whole.end) || /^[^\n]*?\/[/*]/.test(source.text.slice(whole.end, whole.end + 200).split('\n')[source.text[whole.end - 1] === '\n' ? 1e9 : 0] ?? '')) edits.hand(rule, property, `${last} is gone`); else edits.add(rule, property, whole); continue; }
      if (rule.value_is && !new RegExp(`^(?:${rule.value_is})$`).test(bare(property.value).type)) { edits.hand(rule, property, `${last} is written in another way now`); continue; }
      // No key twice, neither beside one that is there nor beside one that comes.
      const makes = rule.to !== undefined ? [rule.to] : rule.replace !== undefined ? [...rule.replace.matchAll(/(?:^|, )(\w+):/g)].map((one) => one[1]) : [];
      const binds = rule.replace?.match(/\((\w+)\) =>/)?.[1];
      object.taken ??= new Set();
      if (makes.some((key) => object.taken.has(key) || object.properties.some((one) => one !== property && one !== partner && one.type === 'Property' && nameOf(one.key) === key)) || (binds && new RegExp(`\\b${binds}\\b`).test(source.textOf(property.value) + (partner ? source.textOf(partner.value) : '')))) { edits.hand(rule, property, `${last} stands beside what takes its place`); continue; }
      for (const key of makes) object.taken.add(key);
      if (rule.to !== undefined && object.properties.some((one) => one.type === 'Property' && !one.computed && nameOf(one.key) === rule.to)) { edits.hand(rule, property, `${last} stands beside ${rule.to}`); continue; }
      if (rule.replace !== undefined) {
        const inner = bare(property.value).type === 'ArrayExpression' ? source.text.slice(bare(property.value).range[0] + 1, bare(property.value).range[1] - 1).trim().replace(/,$/, '') : '';
        const text = filled(edits, rule.replace, property, { value: property.value, elements: inner, ...(partner ? { other: source.textOf(partner.value) } : {}) });
        if (text === null) edits.hand(rule, property, 'it cannot be rewritten without losing a comment or a name');
        else edits.add(rule, property, { start: property.range[0], end: property.range[1], text }, ...(partner ? [withComma(source, partner, object.properties)] : []));
        continue;
      }
      if (rule.values) {
        const found = stringOf(property.value) ?? source.textOf(property.value), to = Object.hasOwn(rule.values, found) ? rule.values[found] : undefined;
        if (to === undefined) continue;
        edits.replace(rule, property.value, stringOf(property.value) !== undefined ? source.text[property.value.range[0]] + to + source.text[property.value.range[0]] : to);
        continue;
      }
      if (property.shorthand) edits.replace(rule, property, `${rule.to}: ${last}`);
      else if (property.method) edits.add(rule, property, { start: property.key.range[0], end: property.key.range[1], text: rule.to });
      else {
        const quote = property.key.type === 'Literal' ? source.text[property.key.range[0]] : '';
        edits.add(rule, property.key, { start: property.key.range[0], end: property.key.range[1], text: quote || !/^[\w$]+$/.test(rule.to) ? `${quote || source.quote()}${rule.to}${quote || source.quote()}` : rule.to });
      }
    }
  }
}

/// A key that has to be there.
function addKey(edits, values, rule) {
  const source = edits.source, target = pattern(rule.call);
  for (const node of source.all('CallExpression')) {
    const value = values.of(source, node.callee);
    if (value === null || !target.test(value) || !fits(source, node, rule.when)) continue;
    const index = Number(rule.argument ?? 0), key = rule.add_key.split(':')[0].trim();
    if (node.arguments.length === index) {
      const end = node.range[1] - 1;
      edits.add(rule, node, { start: end, end, text: `${index ? ', ' : ''}{ ${rule.add_key} }` });
      continue;
    }
    const object = bare(node.arguments[index]);
    if (object.type !== 'ObjectExpression') { edits.hand(rule, node, `it may need ${rule.add_key}`); continue; }
    if (object.properties.some((one) => one.type !== 'Property' || nameOf(one.key) === key)) continue;
    const last = object.properties.at(-1);
    if (last) edits.add(rule, node, { start: last.range[1], end: last.range[1], text: `, ${rule.add_key}` });
    else edits.replace(rule, object, `{ ${rule.add_key} }`);
  }
}

/// Attributes of an element.
function rewriteAttributes(edits, values, rule) {
  const source = edits.source, target = pattern(rule.jsx);
  for (const node of source.all('JSXOpeningElement')) {
    const value = values.of(source, node.name);
    if (value === null || !target.test(value)) continue;
    for (const attribute of node.attributes) {
      if (attribute.type !== 'JSXAttribute' || attribute.name.name !== rule.attribute) continue;
      if (rule.by_hand) { edits.hand(rule, attribute, rule.by_hand); continue; }
      const inner = attribute.value?.type === 'JSXExpressionContainer' ? attribute.value.expression : attribute.value;
      if (rule.remove) { const lead = /\s*$/.exec(source.text.slice(Math.max(0, attribute.range[0] - 400), attribute.range[0]))[0].length; edits.add(rule, attribute, { start: attribute.range[0] - lead, end: attribute.range[1], text: '' }); continue; }
      if (rule.replace !== undefined) {
        if (rule.value_is && !new RegExp(`^(?:${rule.value_is})$`).test(inner?.type ?? '')) { edits.hand(rule, attribute, `${rule.attribute} is written in another way now`); continue; }
        if (rule.value && !new RegExp(`^(?:${rule.value})$`).test(inner ? source.textOf(inner) : '')) { edits.hand(rule, attribute, `${rule.attribute} is written in another way now`); continue; }
        if (rule.needs_attribute && !node.attributes.some((one) => one.type === 'JSXAttribute' && one.name.name === rule.needs_attribute)) { edits.hand(rule, attribute, `without ${rule.needs_attribute} it never matches any more`); continue; }
        edits.replace(rule, attribute, rule.replace.replaceAll('${value}', () => inner ? source.textOf(inner) : 'true'));
      } else edits.replace(rule, attribute.name, rule.to);
    }
  }
}

/// Applies one rule to one file.
export function applyRule(edits, values, rule, named = values) {
  if (rule.unless_text && new RegExp(rule.unless_text).test(edits.source.text)) return undefined;
  if (rule.only_once && !edits.source.isJson) {
    // What happens twice belongs together.
    const target = pattern(rule.only_once), all = edits.source.all('CallExpression').filter((node) => { const callee = named.of(edits.source, node.callee); return callee !== null && target.test(callee); });
    if (all.length > 1) { for (const one of all) edits.hand(rule, one, rule.title); return undefined; }
  }
  if (rule.guard && !edits.source.isJson) {
    // Only where every value that it is about is one of which all uses are known.
    const [call, value] = rule.guard, target = pattern(call);
    const open = edits.source.all('CallExpression').filter((node) => { const callee = named.of(edits.source, node.callee); if (callee === null || !target.test(callee + '()')) return false; const variable = node.parent.type === 'VariableDeclarator' && node.parent.id.type === 'Identifier' ? edits.source.declared(node.parent)[0] : null; return !variable || named.valueOf(edits.source, variable, 0) !== value; });
    if (open.length) { for (const one of open) edits.hand(rule, one, rule.title); return undefined; }
  }
  if (rule.key !== undefined) return rewriteKeys(edits, values, rule);
  if (edits.source.isJson) return;
  if (rule.add_key) return addKey(edits, values, rule);
  if (rule.jsx) return rewriteAttributes(edits, values, rule);
  if (rule.strings) return rewriteStrings(edits, values, rule);
  if (rule.default_as !== undefined) return nameDefault(edits, values, rule);
  if (rule.export !== undefined) return moveExport(edits, values, rule);
  if (rule.import !== undefined && !(rule.call ?? rule.construct ?? rule.read ?? rule.target)) return renameModule(edits, rule);
  if (rule.target !== undefined) return rename(edits, values, rule);
  return rewrite(edits, values, rule);
}
