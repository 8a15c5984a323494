// Where a project uses its packages: which files import one, how, and which of its members stand where.
import { bare, nameOf, stringOf } from './source.mjs';
import { modulePlaces } from './imports.mjs';
import { Values } from './values.mjs';

const mostPlaces = 2000;

export const packageOf = (specifier) => {
  if (!specifier || /^[./#]|^node:/.test(specifier)) return null;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? (parts.length > 1 ? parts.slice(0, 2).join('/') : null) : parts[0];
};

/// By package: { files, places: [{ file, line, kind, name }], more }. Names: the packages that are asked for; empty: all.
export function findUses(project, names) {
  const found = new Map();
  const note = (name, file, line, kind, member) => {
    if (!found.has(name)) found.set(name, { files: new Set(), places: [], members: new Map(), more: 0 });
    const use = found.get(name);
    use.files.add(file);
    if (member) use.members.set(member, (use.members.get(member) ?? 0) + 1);
    if (use.places.length < mostPlaces) use.places.push({ file, line, kind, ...(member ? { name: member } : {}) });
    else ++use.more;
  };
  for (const file of project.files()) {
    const text = project.texts.get(file);
    if (names.length && !names.some((name) => text.includes(name))) continue;
    const source = project.source(file);
    if (!source || source.isJson) continue;
    const modules = new Map();
    for (const place of modulePlaces(source)) {
      const name = packageOf(place.specifier);
      if (!name || (names.length && !names.includes(name))) continue;
      note(name, file, source.line(place.node), place.kind);
      if (!modules.has(name)) modules.set(name, new Set());
      modules.get(name).add(place.specifier);
      for (const one of place.node.specifiers ?? []) {
        const member = one.type === 'ImportSpecifier' ? nameOf(one.imported) : one.type === 'ExportSpecifier' ? nameOf(one.local) : null;
        if (member) note(name, file, source.line(one), place.kind, member);
      }
    }
    for (const [name, specifiers] of modules) {
      const values = new Values(project, [...specifiers]);
      for (const node of source.all('MemberExpression', 'JSXMemberExpression', 'TSQualifiedName')) {
        const object = node.object ?? node.left, property = node.property ?? node.right;
        const base = node.type === 'TSQualifiedName' ? values.ofTypeName(source, object) : values.of(source, object);
        const member = node.computed ? stringOf(property) : property.name;
        if (base === '$' && member) note(name, file, source.line(node), 'member', member);
      }
      for (const node of source.all('VariableDeclarator'))
        if (node.id.type === 'ObjectPattern' && node.init && values.of(source, bare(node.init)) === '$')
          for (const property of node.id.properties) if (property.type === 'Property' && !property.computed) note(name, file, source.line(property), 'member', nameOf(property.key));
    }
  }
  return Object.fromEntries([...found].sort(([a], [b]) => a < b ? -1 : 1).map(([name, use]) => [name, { files: use.files.size, members: Object.fromEntries([...use.members].sort((a, b) => b[1] - a[1]).slice(0, 100)), places: use.places, more: use.more }]));
}
