const test = require('node:test');
const assert = require('node:assert');
const start = require('./server');
test('answers', async () => {
  const app = await start();
  try {
    assert.strictEqual((await app.inject('/a/7')).body, '/a/:id');
    const old = await app.inject('/old');
    assert.deepStrictEqual([old.statusCode, old.headers.location], [301, '/a/1']);
  } finally {
    await app.close();
  }
});
