const test = require('node:test');
const assert = require('node:assert');
const tidy = require('./tidy');
test('tidies', async () => assert.strictEqual(await tidy('a'), 'a;'));
