'use strict';
const http = require('node:http');
const express = require('express');
const { customers } = require('./customers');

const app = express();
app.get('/v1/customers', (req, res) => {
  res.json({ data: customers(Math.min(100, Number(req.query.limit) || 20)) });
});

const server = app.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  setInterval(() => {
    http.get({ agent, host: '127.0.0.1', port: server.address().port, path: '/v1/customers?limit=25' }, (res) => res.resume()).on('error', () => {});
  }, 50);
  console.log('ready');
});
