import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test from 'node:test';
import { renderToString } from 'react-dom/server';
import { page } from './shop.js';

test('the shop is open', () => {
  assert.equal(renderToString(page()), '<p>open</p>');
});

test('what changed the code is gone before it runs', () => {
  assert.ok(!existsSync('/work/codemods'));
});
