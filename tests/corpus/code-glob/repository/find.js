const glob = require('glob');

module.exports = (pattern, done) => {
  glob(pattern, (error, files) => {
    if (error) return done(error);
    done(null, files.sort());
  });
};
module.exports.now = (pattern) => glob.sync(pattern);
