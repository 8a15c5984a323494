const { test } = require('node:test');
const assert = require('node:assert');
const { JSDOM } = require('jsdom');

const dom = new JSDOM('<div id="root"></div>');
Object.assign(globalThis, { window: dom.window, document: dom.window.document });
const changed = (until) => new Promise((resolve) => {
  if (until()) return resolve();
  const watcher = new dom.window.MutationObserver(() => { if (until()) { watcher.disconnect(); resolve(); } });
  watcher.observe(dom.window.document, { childList: true, subtree: true, characterData: true });
});
const text = () => dom.window.document.getElementById('root').textContent;

test('the counter is there and counts', async () => {
  require('./index');
  await changed(() => text() === '3 pieces');
  dom.window.document.querySelector('button').click();
  await changed(() => text() === '4 pieces');
  assert.equal(text(), '4 pieces');
});
