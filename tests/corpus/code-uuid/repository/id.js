const uuidv4 = require('uuid/v4');
const uuid = require('uuid');

module.exports = () => [uuidv4(), uuid()];
