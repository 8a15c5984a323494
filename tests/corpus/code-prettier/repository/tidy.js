const prettier = require('prettier');

module.exports = async function tidy(text) {
  return prettier.format(text, { parser: 'babel' }).trim();
};
