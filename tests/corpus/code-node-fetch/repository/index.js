const fetch = require('node-fetch');

exports.load = async (url) => (await fetch(url)).text();
