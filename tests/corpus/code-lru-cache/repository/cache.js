const LRU = require('lru-cache');

const cache = new LRU({ max: 10, maxAge: 60000 });
exports.put = (key, value) => cache.set(key, value);
exports.get = (key) => cache.get(key);
exports.drop = (key) => cache.del(key);
exports.clear = () => cache.reset();
exports.size = () => cache.itemCount;
