module.exports = {
  content: ['./src/**/*.html'],
};
