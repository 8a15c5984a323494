const React = require('react');

/** A button that counts; `render` is a word of its own here. */
function Counter({ first }) {
  const [count, setCount] = React.useState(first);
  const render = (number) => `${number} pieces`;
  return React.createElement('button', { onClick: () => setCount(count + 1) }, render(count));
}

module.exports = { Counter };
