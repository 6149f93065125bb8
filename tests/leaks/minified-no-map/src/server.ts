import http from 'node:http';
import { Ledger } from './ledger';

const ledger = new Ledger();
const server = http.createServer((req, res) => {
  res.end(String(ledger.book(req.url ?? '/')));
});
server.listen(process.env.PORT, () => console.log(`listening on ${(server.address() as { port: number }).port}`));
