import http from 'node:http';
import { app } from './app.js';

const fastify = await app();
await fastify.listen({ port: 0, host: '127.0.0.1' });

const { port } = fastify.server.address();
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });

function token(customer) {
  const claims = { sub: `c-${customer}`, iat: Date.now(), scope: 'balance:read transfer:read', accounts: Array.from({ length: 60 }, (_, n) => `NL${customer * 100 + n}`) };
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${encode({ alg: 'EdDSA', typ: 'JWT' })}.${encode(claims)}.${'k'.repeat(86)}`;
}

let customer = 100_000;
setInterval(() => {
  const headers = { authorization: `Bearer ${token(++customer)}` };
  http.get({ agent, headers, host: '127.0.0.1', port, path: `/balance/NL${customer}` }, (res) => res.resume()).on('error', () => {});
}, 9);
console.log('ready');
