const { greet, title } = require('./words');

test('it greets', () => {
  const say = jest.fn(() => 1);
  greet(say, 'Ada');
  expect(say).toBeCalledTimes(2);
  expect(say).toBeCalledWith('Hello, Ada');
  expect(say).lastCalledWith('bye');
  expect(say).toReturnTimes(2);
  expect(() => { throw new Error('toThrowError is a word here'); }).toThrowError('toThrowError');
});

test('there is a document', () => expect(title()).toBe('H1'));
