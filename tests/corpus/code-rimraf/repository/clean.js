const rimraf = require('rimraf');

module.exports = (folder, done) => rimraf(folder, done);
module.exports.all = (folder) => rimraf(folder, { disableGlob: true }, (error) => { if (error) throw error; });
