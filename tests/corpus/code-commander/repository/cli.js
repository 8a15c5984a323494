const commander = require('commander');

module.exports = (args) => commander.name('x').option('-n, --name <name>').parse(args, { from: 'user' }).opts();
