const test = require('node:test');
const assert = require('node:assert');
const find = require('./find');
test('finds', (t, done) => find('*.json', (error, files) => {
  assert.ifError(error);
  assert.ok(files.includes('package.json'));
  done();
}));
test('finds at once', () => assert.ok(find.now('*.json').length > 0));
