const test = require('node:test');
const assert = require('node:assert');
const cli = require('./cli');
test('reads', () => assert.deepStrictEqual({ ...cli(['-n', 'a']) }, { name: 'a' }));
