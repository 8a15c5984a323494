'use strict';

// Copies the sources to dist/ with a banner, the way a bundler would.
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const { name, version } = require(path.join(root, 'package.json'));
fs.mkdirSync(path.join(root, 'dist'), { recursive: true });
for (const file of fs.readdirSync(path.join(root, 'src'))) {
  const text = fs.readFileSync(path.join(root, 'src', file), 'utf8');
  fs.writeFileSync(path.join(root, 'dist', file), `// ${name} ${version}\n${text}`);
}
console.log(`built ${name} ${version}`);
