const test = require('node:test');
const assert = require('node:assert/strict');
test('a day', () => assert.equal(require('ms')('1d'), 86400000));
test('the database answers', () => { throw new Error('no database'); });
