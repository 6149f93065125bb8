import http from 'node:http';
import { Ledger } from './ledger';

const ledger = new Ledger();
setInterval(() => {
  for (let seats = 1; seats < 20; seats += 1) ledger.book(seats);
}, 50);

http.createServer((_, response) => response.end('ok')).listen(Number(process.env.PORT));
