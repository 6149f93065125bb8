import { createServer } from 'node:http';
import { carrier } from './carrier.js';
import { Quotes } from './quotes.js';

const quotes = new Quotes(await carrier());

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://shop.local');
  const parcel = Object.fromEntries(url.searchParams);
  try {
    response.end(JSON.stringify(await quotes.cheapest(parcel)));
  } catch (error) {
    response.writeHead(502).end(error.message);
  }
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  let checkouts = 0;
  setInterval(async () => {
    checkouts += 1;
    const grams = 200 + ((checkouts * 7919) % 29800);
    const to = 10000 + ((checkouts * 104729) % 89999);
    const query = new URLSearchParams({ to, grams, length: 10 + (checkouts % 80), shop: checkouts % 12 });
    await (await fetch(`http://127.0.0.1:${port}/quote?${query}`)).text();
  }, 15);
  console.log('ready');
});
