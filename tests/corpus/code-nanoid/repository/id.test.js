const test = require('node:test');
const assert = require('node:assert');
const it = require('./id');
test('ids', () => {
  assert.strictEqual(it.id().length, 21);
  assert.match(it.digits(4), /^[0-9]{4}$/);
});
