'use strict';
const http = require('http');
const { randomUUID } = require('crypto');

const sessions = new Map();
const LIFETIME = 400;

setInterval(() => {
  const now = Date.now();
  for (const [id, session] of sessions) {
    if (now - session.touched > LIFETIME) sessions.delete(id);
  }
}, 100);

const server = http.createServer((req, res) => {
  const id = randomUUID();
  sessions.set(id, { touched: Date.now(), user: { url: req.url }, basket: [] });
  res.setHeader('set-cookie', `sid=${id}`);
  res.end('welcome');
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
