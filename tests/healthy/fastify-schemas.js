'use strict';
// Fastify with schemas for what comes and goes.
const http = require('node:http');
const traffic = require('./traffic');

let server;
const app = require('fastify')({ serverFactory: (handler) => (server = http.createServer(handler)) });
const body = { type: 'object', required: ['name'], properties: { name: { type: 'string' }, age: { type: 'integer' } } };
const response = { 200: { type: 'object', properties: { greeting: { type: 'string' } } } };
app.post('/people', { schema: { body, response } }, async (request) => ({ greeting: `Hello ${request.body.name}` }));
app.addHook('onResponse', async () => {});
const headers = { 'content-type': 'application/json' };
app.ready(() => traffic(server, 80, (n) => ({ method: 'POST', path: '/people', headers, body: JSON.stringify({ name: `n${n}`, age: n % 90 }) })));
