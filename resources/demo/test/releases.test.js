'use strict';

const assert = require('node:assert');
const { describe, it } = require('node:test');
const { settled, step } = require('../src/index.js');

const day = 24 * 60 * 60 * 1000;
const now = Date.UTC(2024, 5, 30);

describe('settled', () => {
  const releases = [
    { version: '1.2.0', published: now - 10 * day },
    { version: '1.10.0', published: now - 4 * day },
    { version: '2.0.0', published: now - day },
  ];

  it('leaves out what is too young', () => {
    assert.deepStrictEqual(
      settled(releases, '3 days', now).map((release) => release.version),
      ['1.10.0', '1.2.0'],
    );
  });

  it('sorts by version, not by text', () => {
    assert.strictEqual(settled(releases, '1h', now)[0].version, '2.0.0');
  });
});

describe('step', () => {
  it('names how far an update goes', () => {
    assert.strictEqual(step('1.2.3', '1.2.4'), 'patch');
    assert.strictEqual(step('1.2.3', '2.0.0'), 'major');
    assert.strictEqual(step('1.2.3', '1.2.3'), null);
  });
});
