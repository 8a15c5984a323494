const ms = require('ms')
module.exports = (text) => ms(text)
const unused = 1
