const test = require('node:test');
const assert = require('node:assert');
const { say } = require('./index');
test('says', () => assert.match(say('hello'), /hello/));
