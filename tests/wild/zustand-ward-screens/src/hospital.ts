import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { screen } from './screen';
import { ward } from './ward';

const server = createServer(screen);

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  let looked = 0;
  // A nurse looks at her screen for a moment.
  setInterval(() => {
    const first = (++looked * 5) % 20;
    const request = get(`http://127.0.0.1:${port}/screen?beds=${[0, 1, 2, 3].map((n) => first + n)}`, (res) => {
      res.resume();
      setTimeout(() => request.destroy(), 200);
    });
    request.on('error', () => {});
  }, 40);
  setInterval(() => ward.getState().measured(looked % 24, 60 + (looked % 40)), 100);
  console.log('ready');
});
