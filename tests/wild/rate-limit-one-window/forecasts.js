'use strict';
const http = require('node:http');
const express = require('express');
const { limit } = require('./limits');

const app = express();
app.use(limit);
app.get('/:village', (req, res) => res.json({ village: req.params.village, degrees: req.params.village.length % 30 }));

const server = app.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    // A phone asks once or twice, with a token of its own.
    const claims = Array.from({ length: 40 }, (_, at) => `${Math.floor(n / 2)}.${at}.${(n * 31 + at) % 9973}`).join(';');
    const headers = { authorization: `Bearer ${Buffer.from(claims).toString('base64')}` };
    http.get({ agent, headers, host: '127.0.0.1', port: server.address().port, path: `/village-${++n % 300}` }, (res) => res.resume()).on('error', () => {});
  }, 8);
  console.log('ready');
});
