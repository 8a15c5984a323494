import test from 'node:test';
import assert from 'node:assert';
import { say } from './index.js';
test('says', () => assert.match(say('hello'), /^hello/));
