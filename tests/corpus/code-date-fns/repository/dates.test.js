const test = require('node:test');
const assert = require('node:assert');
const dates = require('./dates');
test('dates', () => {
  assert.strictEqual(dates.day(new Date(2020, 0, 5)), '2020-01-06');
  assert.match(dates.ago(new Date(0)), /years ago$/);
  assert.ok(dates.within(new Date(5), new Date(0), new Date(10)));
  assert.strictEqual(dates.read().getDate(), 3);
});
