const fastify = require('fastify');

module.exports = async function start() {
  const app = fastify();
  app.get('/a/:id', async (request) => request.routerPath);
  app.get('/old', (request, reply) => reply.redirect(301, '/a/1'));
  await app.listen(0, '127.0.0.1');
  return app;
};
