import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import React from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { StaticRouter } from 'react-router';
import { Club } from './club';

const server = createServer((req, res) => {
  const club = req.url!.split('/')[2];
  res.setHeader('content-type', 'text/html');
  res.end(
    renderToStaticMarkup(
      <StaticRouter location={req.url}>
        <Club name={club} />
      </StaticRouter>,
    ),
  );
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  let visits = 0;
  setInterval(() => {
    for (let k = 0; k < 3; k++) {
      const visit = ++visits;
      const club = visit % 4 ? visit : (visit * 3) % 600;
      const page = visit % 2 ? `matches/${visit % 34}` : `players/${visit % 25}`;
      get({ agent, host: '127.0.0.1', port, path: `/clubs/${club}/${page}` }, (res: IncomingMessage) => res.resume());
    }
  }, 30);
  console.log('ready');
});
