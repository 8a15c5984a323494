const test = require('node:test');
const assert = require('node:assert');
const app = require('./app');
test('answers', async () => {
  const server = app.listen(0);
  try {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/user/7`);
    assert.deepStrictEqual(await answer.json(), { id: '7' });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
