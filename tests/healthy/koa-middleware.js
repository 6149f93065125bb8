'use strict';
// Koa: middleware around middleware, a body, an error now and then.
const http = require('node:http');
const Koa = require('koa');
const traffic = require('./traffic');

const app = new Koa();
app.silent = true;
app.use(async (ctx, next) => {
  const started = Date.now();
  await next();
  ctx.set('x-took', String(Date.now() - started));
});
app.use(async (ctx) => {
  if (ctx.path.endsWith('13')) ctx.throw(404, 'no such thing');
  ctx.body = { path: ctx.path, query: { ...ctx.query } };
});
traffic(http.createServer(app.callback()), 60, (n) => `/things/${n % 100}?page=${n}`);
