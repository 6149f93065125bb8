'use strict';
const http = require('node:http');
const { once } = require('node:events');
const { setTimeout: rest } = require('node:timers/promises');
const { library } = require('./library');

const agent = new http.Agent({ keepAlive: true });

async function visit(port, path) {
  // Robots bring no cookie back.
  const request = http.get({ agent, host: '127.0.0.1', port, path, headers: { 'user-agent': 'robot' } });
  const [response] = await once(request, 'response');
  response.resume();
  await once(response, 'end');
}

async function main() {
  const server = library().listen(0, '127.0.0.1');
  await once(server, 'listening');
  console.log('ready');
  for (let n = 1; ; n++) {
    await visit(server.address().port, `/books/${n}`);
    if (n % 6 === 0) await rest(5);
  }
}

main();
