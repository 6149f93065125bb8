import { createServer, Agent, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { counted } from './metrics';

const server = createServer((req, res) => {
  const basket = String(req.headers['x-basket']);
  const [country, article] = (req.url ?? '').slice(1).split('/');
  counted(country, basket);
  res.end(`${article}: 12.50`);
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: 6 });
  let n = 0;
  setInterval(() => {
    for (let visitor = 0; visitor < 4; visitor++, n++) {
      const headers = { 'x-basket': `basket-${n}-${(n * 48271) % 2147483647}` };
      get({ agent, port, host: '127.0.0.1', path: `/${['de', 'fr', 'it'][n % 3]}/${n % 50}`, headers }, (res) => res.resume()).on('error', () => {});
    }
  }, 10);
  console.log('ready');
});
