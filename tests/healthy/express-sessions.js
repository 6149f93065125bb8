'use strict';
// Sessions in memory, in a store that prunes those that have expired.
const http = require('node:http');
const express = require('express');
const session = require('express-session');
const MemoryStore = require('memorystore')(session);
const traffic = require('./traffic');

const app = express();
const store = new MemoryStore({ checkPeriod: 2000, max: 2000, ttl: 3000 });
app.use(session({ store, secret: 'keyboard', resave: false, saveUninitialized: true, cookie: { maxAge: 3000 } }));
app.get('/', (req, res) => {
  req.session.seen = (req.session.seen ?? 0) + 1;
  res.send(String(req.session.seen));
});
traffic(http.createServer(app), 40, () => '/');
