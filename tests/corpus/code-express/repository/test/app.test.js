const test = require('node:test');
const assert = require('node:assert');
const http = require('node:http');
const app = require('../app');

const ask = (server, method, path) => new Promise((done, failed) => {
  const request = http.request({ port: server.address().port, method, path }, (response) => {
    let text = '';
    response.on('data', (part) => { text += part; });
    response.on('end', () => done({ status: response.statusCode, text, location: response.headers.location }));
  });
  request.on('error', failed);
  request.end();
});

test('the app answers', async () => {
  const server = app.listen(0);
  await new Promise((ready) => server.once('listening', ready));
  try {
    assert.strictEqual((await ask(server, 'GET', '/users')).text, '[{"name":"Ada"}]');
    assert.strictEqual((await ask(server, 'DELETE', '/thing/1')).status, 204);
    assert.deepStrictEqual((({ status, location }) => [status, location])(await ask(server, 'GET', '/old')), [301, '/new']);
    assert.strictEqual((await ask(server, 'GET', '/files/a/b.txt')).text, 'file /files/a/b.txt');
    assert.strictEqual((await ask(server, 'GET', '/page')).text, 'page index');
    assert.strictEqual((await ask(server, 'GET', '/page/about')).text, 'page about');
    assert.strictEqual((await ask(server, 'GET', '/nope')).status, 404);
    const broken = await ask(server, 'GET', '/users/broken');
    assert.deepStrictEqual([broken.status, broken.text], [500, '{"error":"broken"}']);
  } finally {
    server.close();
  }
});
