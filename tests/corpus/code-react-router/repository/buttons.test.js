const { test } = require('node:test');
const assert = require('node:assert');
const { JSDOM } = require('jsdom');

const dom = new JSDOM('<div id="root"></div>', { url: 'http://localhost/' });
Object.assign(globalThis, { window: dom.window, document: dom.window.document, IS_REACT_ACT_ENVIRONMENT: true });
const { createElement: h } = require('react');
const { act } = require('react-dom/test-utils');
const { createRoot } = require('react-dom/client');
const { MemoryRouter } = require('react-router-dom');
const { Buttons } = require('./buttons');
const log = require('./log');

test('the buttons lead on and back', async () => {
  await act(async () => createRoot(document.getElementById('root')).render(h(MemoryRouter, { initialEntries: ['/'] }, h(Buttons))));
  const seen = () => document.querySelector('b').textContent;
  const press = (id) => act(async () => document.getElementById(id).click());
  assert.equal(seen(), '/');
  await press('basket');
  assert.equal(seen(), '/basket');
  await press('login');
  assert.equal(seen(), '/login');
  await press('back');
  assert.equal(seen(), '/');
  log.note('done');
  assert.equal(log.all(), 'done');
});
