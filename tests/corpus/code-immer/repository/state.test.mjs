import test from 'node:test';
import assert from 'node:assert';
import { add } from './state.mjs';
test('adds', () => assert.deepStrictEqual(add([1], 2), [1, 2]));
