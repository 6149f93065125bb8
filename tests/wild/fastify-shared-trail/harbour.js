'use strict';
const Fastify = require('fastify');

/** The berths of a harbour. What happened to a request is told when it fails. */
function harbour() {
  const app = Fastify();
  app.decorateRequest('trail', []);

  app.addHook('onRequest', async (request) => {
    request.trail.push({ step: 'received', path: request.url, boat: request.headers['x-boat'] });
  });

  app.get('/berths/:pier', async (request) => {
    const pier = Number(request.params.pier);
    const free = Array.from({ length: 12 }, (_, at) => ({ berth: at, metres: 8 + ((pier * at) % 9) })).filter(({ metres }) => metres > 11);
    request.trail.push({ step: 'looked up', pier, free: free.map(({ berth }) => `${pier}-${berth}`) });
    return { pier, free };
  });

  app.addHook('onError', async (request, reply, error) => {
    console.error(error.message, request.trail.map(({ step }) => step).join(' > '));
  });
  return app;
}

module.exports = { harbour };
