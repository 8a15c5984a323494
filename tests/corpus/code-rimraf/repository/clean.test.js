const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const clean = require('./clean');
test('cleans', async () => {
  fs.mkdirSync('out/a', { recursive: true });
  clean.all('out');
  for (let i = 0; i < 200 && fs.existsSync('out'); ++i) await new Promise((next) => setTimeout(next, 10));
  assert.ok(!fs.existsSync('out'));
});
