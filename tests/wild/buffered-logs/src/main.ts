import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { handler } from './app';

const agent = new Agent({ keepAlive: true, maxSockets: 4 });

function buy(port: number, number: number) {
  const row = String.fromCharCode(65 + (number % 20));
  const sale = {
    show: `show-${number % 30}`,
    seats: Array.from({ length: 20 }, (_, at) => `${row}${at + 1}-${number}`),
    buyer: `buyer${number}@example.com`,
  };
  const sent = request({ port, host: '127.0.0.1', path: '/tickets', method: 'POST', agent, headers: { 'content-type': 'application/json' } });
  sent.on('response', (response) => response.resume());
  sent.on('error', () => {});
  sent.end(JSON.stringify(sale));
}

async function main() {
  const server = createServer(await handler());
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    let number = 0;
    setInterval(() => buy(port, (number += 1)), 6);
    console.log('ready');
  });
}

main();
