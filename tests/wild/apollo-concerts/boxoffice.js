'use strict';
const { Agent, createServer, get } = require('node:http');
const { programme } = require('./programme');

const CONCERTS = 150;

const server = createServer(async (req, res) => {
  const { hall, pieces } = await programme(Number(req.url.split('/')[2]));
  const minutes = pieces.reduce((sum, piece) => sum + piece.minutes, 0);
  res.end(`<h1>In the ${hall} hall</h1><p>${pieces.map((piece) => piece.title).join(', ')} (${minutes} minutes)</p>`);
});

server.listen(0, '127.0.0.1', () => {
  const agent = new Agent({ keepAlive: true });
  let visits = 0;
  setInterval(() => {
    for (let k = 0; k < 2; k++) {
      const path = `/concerts/${(++visits * 11) % CONCERTS}`;
      get({ agent, host: '127.0.0.1', port: server.address().port, path }, (res) => res.resume());
    }
  }, 20);
  console.log('ready');
});
