import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { RateLimiter } from './limiter';

const limiter = new RateLimiter(100, 60_000);

function clientOf(req: http.IncomingMessage): string {
  const forwarded = new URL(req.url ?? '/', 'http://localhost').searchParams.get('client');
  return `${req.socket.remoteAddress}/${forwarded ?? ''}`;
}

const server = http.createServer((req, res) => {
  if (!limiter.allow(clientOf(req), req.url ?? '/')) {
    res.writeHead(429).end();
    return;
  }
  res.end('welcome');
});

server.listen(Number(process.env.PORT), () => {
  console.log(`listening on ${(server.address() as AddressInfo).port}`);
});
