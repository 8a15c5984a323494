const chalk = require('chalk');

exports.say = (text) => chalk.red(text);
