const mongoose = require('mongoose');

mongoose.set('bufferCommands', false);
const userSchema = new mongoose.Schema({ name: { type: String, required: true } });
const User = mongoose.model('User', userSchema);

exports.find = (name, done) => {
  User.findOne({ name }, (error, user) => {
    done(error, user);
  });
};

exports.check = (name, done) => {
  const user = new User({ name });
  user.save((error) => done(error));
};

exports.id = () => mongoose.Types.ObjectId('65f000000000000000000001');

// An archive is no model.
const archive = { findOne: (query, done) => done(null, query) };
exports.old = (done) => archive.findOne('old', (error, found) => done(error, found));
