const test = require('node:test');
const assert = require('node:assert/strict');
test('another day', () => assert.equal(require('ms')('1d'), 86400000));
test('the queue answers', () => { throw new Error('no queue'); });
