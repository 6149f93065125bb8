import http from 'node:http';
import { temperature } from './weather.mjs';

const stations = http.createServer((req, res) => {
  res.writeHead(200, { 'content-type': 'application/json' });
  res.end(JSON.stringify({ station: req.url.slice(1), celsius: 20, log: 'calm '.repeat(100) }));
});
stations.keepAliveTimeout = 60_000;

stations.listen(0, '127.0.0.1', () => {
  let n = 0;
  let warm = 0;
  setInterval(async () => {
    const celsius = await temperature(stations.address().port, `station-${++n % 40}`).catch(() => 0);
    if (celsius > 15) warm++;
  }, 40);
  console.log('ready');
});
