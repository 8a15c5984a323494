const test = require('node:test');
const assert = require('node:assert');
const sinon = require('sinon');
test('stubs', () => {
  const sandbox = sinon.sandbox.create();
  const thing = { read: () => 1 };
  sandbox.stub(thing, 'read', () => 2);
  assert.strictEqual(thing.read(), 2);
  const spy = sandbox.spy();
  spy();
  spy.reset();
  assert.strictEqual(spy.callCount, 0);
  sandbox.restore();
});
