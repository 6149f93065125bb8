import http from 'node:http';
import { rates } from './rates.js';

const CURRENCIES = ['CHF', 'NOK', 'SEK', 'DKK', 'CZK', 'PLN', 'HUF', 'RON'];

const banks = http.createServer((req, res) => {
  const now = Date.now();
  const quoted = Array.from({ length: 90 }, (_, at) => ({ currency: CURRENCIES[at % 8], days: at, buy: (now % 997) / 100, sell: (now % 991) / 100 }));
  res.setHeader('cache-control', 'public, max-age=1');
  res.end(JSON.stringify(quoted));
});

banks.listen(0, '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${banks.address().port}`;
  let asked = 0;
  let best = 0;
  setInterval(async () => {
    const quoted = await rates(origin, `bank-${++asked % 40}`);
    best = Math.max(...quoted.map(({ buy }) => buy));
  }, 12);
  console.log('ready');
});
