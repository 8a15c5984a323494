console.log('CANARY: code of the repository runs');
module.exports = {};
