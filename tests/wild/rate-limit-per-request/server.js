'use strict';
const http = require('node:http');
const express = require('express');
const { limited } = require('./limits');

const app = express();
app.use(limited);
app.get('/results/:round', (req, res) => res.json({ round: req.params.round, goals: 3 }));

const server = app.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  const plans = ['free', 'club', 'press'];
  let n = 0;
  setInterval(() => {
    const options = { agent, host: '127.0.0.1', port: server.address().port, path: `/results/${++n % 34}`, headers: { 'x-plan': plans[n % 3] } };
    http.get(options, (res) => res.resume()).on('error', () => {});
  }, 1);
  console.log('ready');
});
