const test = require('node:test');
const assert = require('node:assert');
const http = require('node:http');
const { load } = require('./index');
test('loads', async () => {
  const server = http.createServer((request, response) => response.end('hello')).listen(0);
  try {
    assert.strictEqual(await load(`http://127.0.0.1:${server.address().port}/`), 'hello');
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
