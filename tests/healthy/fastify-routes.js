'use strict';
// Fastify with many routes, which are asked for one after the other.
const http = require('node:http');
const traffic = require('./traffic');

let server;
const app = require('fastify')({ serverFactory: (handler) => (server = http.createServer(handler)) });
for (let route = 0; route < 200; route++) {
  app.get(`/r${route}/:id`, async (request) => ({ route, id: request.params.id, at: [1, 2, 3].map((x) => x * route) }));
}
app.ready(() => traffic(server, 40, (n) => `/r${Math.floor(n / 8) % 200}/${n}`));
