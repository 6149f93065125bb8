'use strict';
const http = require('node:http');
const express = require('express');
const { timed, scrape } = require('./metrics');

const app = express();
app.use(timed);
app.get('/metrics', scrape);
app.get('/parcels/:number', (req, res) => {
  res.json({ number: req.params.number, state: 'on its way', stops: 2 + (req.params.number.length % 3) });
});

const server = app.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  let parcel = 480_000;
  setInterval(() => {
    for (let n = 0; n < 7; n++) {
      const options = { agent, host: '127.0.0.1', port: server.address().port, path: `/parcels/NL${++parcel}` };
      http.get(options, (res) => res.resume()).on('error', () => {});
    }
  }, 25);
  console.log('ready');
});
