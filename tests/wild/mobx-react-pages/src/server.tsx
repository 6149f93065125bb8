import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as React from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { Ticket } from './ticket';

const STOPS = ['Meran', 'Bozen', 'Brixen', 'Franzensfeste', 'Sterzing', 'Brenner'];

function page(number: number): string {
  const stops = STOPS.map((name, at) => ({ name, minute: (number + at * 17) % 60 }));
  return renderToStaticMarkup(<Ticket journey={{ number, passenger: `Passenger ${number}`, stops }} />);
}

const server = http.createServer((req, res) => res.end(page(Number(req.url?.slice(1)))));

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const options = { agent, host: '127.0.0.1', port: (server.address() as AddressInfo).port, path: `/${++n}` };
    http.get(options, (res) => res.resume()).on('error', () => {});
  }, 12);
  console.log('ready');
});
