const test = require('node:test');
const assert = require('node:assert');
const check = require('./check');
test('checks', () => {
  assert.ok(check({ name: 'a' }));
  assert.ok(!check({}));
});
