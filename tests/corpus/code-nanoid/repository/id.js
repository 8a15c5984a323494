const nanoid = require('nanoid');
const generate = require('nanoid/generate');

exports.id = () => nanoid();
exports.digits = (count) => generate('0123456789', count);
