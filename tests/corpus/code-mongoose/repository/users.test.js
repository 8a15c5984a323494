const { test } = require('node:test');
const assert = require('node:assert');
const users = require('./users');

const answer = (call) => new Promise((resolve) => call((error, value) => resolve([error, value])));

test('without a database a search ends with an error', async () => {
  const [error] = await answer((done) => users.find('Ada', done));
  assert.match(error.message, /initial connection/);
});
test('what is not complete is not saved', async () => {
  const [error] = await answer((done) => users.check('', done));
  assert.equal(error.name, 'ValidationError');
});
test('ids and what is no model', async () => {
  assert.equal(String(users.id()), '65f000000000000000000001');
  assert.deepEqual(await answer((done) => users.old(done)), [null, 'old']);
});
