const test = require('node:test');
const assert = require('node:assert');
const run = require('./run');
test('runs', async () => {
  assert.strictEqual(run.now(), '1');
  assert.strictEqual(await run.later(), '2');
});
