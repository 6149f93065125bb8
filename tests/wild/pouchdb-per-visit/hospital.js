'use strict';
const http = require('node:http');
const { freeBeds, furnish } = require('./wards');

const WARDS = 8;
const server = http.createServer(async (req, res) => res.end(JSON.stringify(await freeBeds(req.url.slice(1)))));

async function main() {
  for (let ward = 0; ward < WARDS; ward++) await furnish(ward, 24);
  server.listen(0, '127.0.0.1', () => {
    const agent = new http.Agent({ keepAlive: true });
    let n = 0;
    setInterval(() => {
      const options = { agent, host: '127.0.0.1', port: server.address().port, path: `/${++n % WARDS}` };
      http.get(options, (res) => res.resume()).on('error', () => {});
    }, 25);
    console.log('ready');
  });
}

main();
