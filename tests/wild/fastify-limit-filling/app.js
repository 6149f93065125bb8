import Fastify from 'fastify';
import rateLimit from '@fastify/rate-limit';

export async function app() {
  const fastify = Fastify();
  await fastify.register(rateLimit, {
    max: 600,
    timeWindow: '1 hour',
    cache: 20_000,
    keyGenerator: (request) => request.headers.authorization ?? request.ip,
  });
  fastify.get('/balance/:account', async (request) => ({ account: request.params.account, cents: request.params.account.length * 1250 }));
  return fastify;
}
