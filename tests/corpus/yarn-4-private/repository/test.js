const assert = require('node:assert');
const { test } = require('node:test');
test('ms', () => assert.equal(require('ms')('1s'), 1000));
test('semver', () => assert.ok(require('semver').lt('1.0.0', '2.0.0')));
test('the install script ran', () => assert.equal(require('node:fs').readFileSync('installed', 'utf8'), 'yes'));
