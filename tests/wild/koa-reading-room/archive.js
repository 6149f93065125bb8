'use strict';
const http = require('node:http');
const { createHash } = require('node:crypto');
const Koa = require('koa');
const limits = require('./limits');

const app = new Koa();
app.use(limits);
app.use((ctx) => {
  ctx.body = { page: ctx.path, scanned: true };
});

// A ticket is for one sitting.
const ticket = (sitting) => createHash('sha512').update(`sitting ${sitting}`).digest('base64url');

const server = app.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let page = 0;
  setInterval(() => {
    for (let k = 0; k < 5; k++) {
      const headers = { 'x-reading-ticket': ticket(++page) };
      http.get({ agent, host: '127.0.0.1', port: server.address().port, path: `/folio/${page % 700}`, headers }, (res) => res.resume());
    }
  }, 14);
  console.log('ready');
});
