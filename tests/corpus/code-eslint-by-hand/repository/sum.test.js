const { test } = require('node:test');
const assert = require('node:assert');

test('sums', () => {
  const sum = [1, 2].reduce((a, b) => a + b, 0);
  assert.equal(sum, 3);
});
