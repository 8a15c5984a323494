const test = require('node:test');
const assert = require('node:assert');
const cache = require('./cache');
test('keeps', () => {
  cache.put('a', 1);
  assert.strictEqual(cache.size(), 1);
  cache.drop('a');
  assert.strictEqual(cache.get('a'), undefined);
  cache.clear();
});
