const React = require('react');
const ReactDOM = require('react-dom');
const { Counter } = require('./counter');

// The page has one place for the program.
ReactDOM.render(React.createElement(React.StrictMode, null, React.createElement(Counter, { first: 3 })), document.getElementById('root'));
