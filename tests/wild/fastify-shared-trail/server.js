'use strict';
const http = require('node:http');
const { setTimeout: rest } = require('node:timers/promises');
const { harbour } = require('./harbour');

const agent = new http.Agent({ keepAlive: true });

function ask(port, path, boat) {
  return new Promise((resolve, reject) => {
    const request = http.get({ agent, host: '127.0.0.1', port, path, headers: { 'x-boat': boat } }, (response) => {
      response.resume().on('end', resolve);
    });
    request.on('error', reject);
  });
}

async function main() {
  const app = harbour();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address();
  console.log('ready');
  for (let n = 1; ; n++) {
    await ask(port, `/berths/${n % 40}?night=${n}`, `Boat ${n}`);
    if (n % 5 === 0) await rest(5);
  }
}

main();
