'use strict';
const http = require('node:http');
const { app } = require('./library');

const server = app.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const options = { agent, host: '127.0.0.1', port: server.address().port, path: `/shelves/S${++n % 90}`, headers: { cookie: `shelf=S${n % 17}; reader=${n}` } };
    http.get(options, (res) => res.resume()).on('error', () => {});
  }, 50);
  console.log('ready');
});
