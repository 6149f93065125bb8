import { createServer, get, Agent, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import React from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { Label, type Wine } from './label';

const GRAPES = ['Riesling', 'Silvaner', 'Blaufränkisch', 'Zweigelt'];

function wineOf(bottle: number): Wine {
  return { bottle, grape: GRAPES[bottle % 4], year: 1990 + (bottle % 30), ripeness: (bottle * 7919) % 100_003 };
}

const server = createServer((req, res) => {
  const bottle = Number(req.url!.slice(1));
  res.setHeader('content-type', 'text/html');
  res.end(renderToStaticMarkup(<Label wine={wineOf(bottle)} />));
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  let bottle = 0;
  setInterval(() => {
    for (let k = 0; k < 3; k++) get({ agent, host: '127.0.0.1', port, path: `/${++bottle}` }, (res: IncomingMessage) => res.resume());
  }, 40);
  console.log('ready');
});
