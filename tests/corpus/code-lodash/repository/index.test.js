const test = require('node:test');
const assert = require('node:assert');
const it = require('./index');
test('lists', () => {
  assert.deepStrictEqual(it.names([{ name: 'Ada' }]), ['Ada']);
  assert.ok(it.has([1, 2], 2));
  assert.deepStrictEqual(it.first([{ name: 'a' }, { name: 'b' }], 'b'), { name: 'b' });
});
