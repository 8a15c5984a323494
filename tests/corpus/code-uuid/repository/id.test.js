const test = require('node:test');
const assert = require('node:assert');
const make = require('./id');
test('makes ids', () => make().forEach((id) => assert.match(id, /^[0-9a-f-]{36}$/)));
