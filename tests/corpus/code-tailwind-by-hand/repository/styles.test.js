const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const postcss = require('postcss');

test('the style sheet has what the pages use', async () => {
  const plugins = Object.entries(require('./postcss.config').plugins).map(([name, options]) => require(name)(options));
  const { css } = await postcss(plugins).process(fs.readFileSync('src/shop.css', 'utf8'), { from: 'src/shop.css' });
  assert.match(css, /\.shadow-sm/);
  assert.match(css, /\.p-4/);
});
