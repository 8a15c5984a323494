'use strict';

const assert = require('node:assert');
const { describe, it } = require('node:test');
const { filesOf } = require('../src/index.js');

const files = ['docs/guide.md', 'src/index.js', 'src/board/view.js', 'package.json'];

describe('filesOf', () => {
  it('finds files in nested folders', () => {
    assert.deepStrictEqual(filesOf({ patterns: ['src/**/*.js'] }, files), [
      'src/index.js',
      'src/board/view.js',
    ]);
  });

  it('takes several patterns', () => {
    assert.deepStrictEqual(filesOf({ patterns: ['*.json', 'docs/*'] }, files), [
      'docs/guide.md',
      'package.json',
    ]);
  });
});
