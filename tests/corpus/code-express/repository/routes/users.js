const { Router } = require('express');

const router = Router();
const cache = new Map();
cache.del = cache.delete;

router.get('/', (req, res) => {
  cache.del('users'); // a Map, not an app
  res.json([{ name: 'Ada' }]);
});
router.get('/broken', () => { throw new Error('broken'); });

module.exports = router;
