const test = require('node:test');
const assert = require('node:assert');
const { ask } = require('./index');
test('asks', async () => assert.strictEqual((await ask('{ hello }')).data.hello, 'world'));
