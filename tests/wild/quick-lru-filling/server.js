'use strict';
const http = require('node:http');
const { once } = require('node:events');
const { setTimeout: rest } = require('node:timers/promises');
const { departures } = require('./timetable');

const server = http.createServer((req, res) => {
  const asked = new URL(req.url, 'http://localhost').searchParams;
  res.end(departures(asked.get('stop'), Number(asked.get('minute'))).rows.join('\n'));
});

async function main() {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new http.Agent({ keepAlive: true });
  console.log('ready');
  for (let n = 1; ; n++) {
    const path = `/?stop=S${n % 60}&minute=${Math.floor(n / 60)}`;
    const request = http.get({ agent, host: '127.0.0.1', port: server.address().port, path });
    const [response] = await once(request, 'response');
    response.resume();
    await once(response, 'end');
    if (n % 2 === 0) await rest(5);
  }
}

main();
