'use strict';
const http = require('node:http');
const express = require('express');
const { toTenant } = require('./tenants');

const upstream = http.createServer((req, res) => res.end(`hello from ${req.headers['x-tenant']}`));
upstream.listen(0, '127.0.0.1', () => {
  const app = express();
  app.use('/:tenant', toTenant(`http://127.0.0.1:${upstream.address().port}`));
  const server = app.listen(0, '127.0.0.1', () => {
    const agent = new http.Agent({ keepAlive: true });
    let n = 0;
    setInterval(() => {
      const path = `/tenant-${++n % 12}/orders/${n}`;
      http.get({ agent, host: '127.0.0.1', port: server.address().port, path }, (res) => res.resume()).on('error', () => {});
    }, 20);
    console.log('ready');
  });
});
