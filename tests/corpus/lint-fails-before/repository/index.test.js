const test = require('node:test')
const assert = require('node:assert')
test('a second', () => assert.equal(require('./index.js')('1s'), 1000))
