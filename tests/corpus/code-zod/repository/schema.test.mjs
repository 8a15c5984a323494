import test from 'node:test';
import assert from 'node:assert';
import { person, problems } from './schema.mjs';
test('says what is wrong', () => {
  assert.deepStrictEqual(problems({}), ['a name is needed']);
  assert.deepStrictEqual(problems({ name: 1 }), ['a name is text']);
  assert.ok(person.safeParse({ name: 'a', tags: { b: 1 } }).success);
});
