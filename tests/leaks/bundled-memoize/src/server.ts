import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { quote } from './quotes';

const server = http.createServer((req, res) => {
  res.end(JSON.stringify(quote(req.url ?? '/')));
});

server.listen(Number(process.env.PORT), () => {
  console.log(`listening on ${(server.address() as AddressInfo).port}`);
});
