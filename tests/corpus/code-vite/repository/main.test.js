import { test } from 'node:test';
import assert from 'node:assert';

test('what was built has all parts', async () => {
  const { names, note } = await import('./dist/main.js');
  assert.deepEqual(names, ['chair', 'lamp']);
  assert.equal(note, 'for sale');
});
