'use strict';
const http = require('node:http');
const Hapi = require('@hapi/hapi');
const seats = require('./seats');

async function main() {
  const server = Hapi.server({ host: '127.0.0.1', port: 0 });
  seats.register(server);
  server.route({
    method: 'GET',
    path: '/trains/{train}/{day}',
    handler: async (request, h) => {
      const places = await server.methods.free(request.params.train, request.params.day);
      return h.response({ free: places.filter((place) => place.free).length });
    },
  });
  await server.start();

  const agent = new http.Agent({ keepAlive: true });
  let asked = 0;
  setInterval(() => {
    // Every train of the year is asked for, and the same one by a few travellers.
    const number = Math.floor(++asked / 2);
    http.get({ agent, host: '127.0.0.1', port: server.info.port, path: `/trains/${400 + (number % 500)}/${Math.floor(number / 500) % 365}` }, (res) => res.resume());
  }, 10);
  console.log('ready');
}

main();
