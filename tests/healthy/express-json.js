'use strict';
// Express: middleware, JSON in and out, errors.
const http = require('node:http');
const express = require('express');
const traffic = require('./traffic');

const app = express();
app.use(express.json());
app.use((req, res, next) => {
  res.locals.started = Date.now();
  next();
});
app.post('/orders/:id', (req, res) => {
  if (!req.body.lines.length) throw new Error('empty order');
  res.json({ id: req.params.id, total: req.body.lines.reduce((sum, line) => sum + line.cents, 0) });
});
app.use((error, req, res, next) => res.headersSent ? next(error) : res.status(400).json({ error: error.message }));
const headers = { 'content-type': 'application/json' };
traffic(http.createServer(app), 60, (n) => {
  const lines = Array.from({ length: n % 9 }, (_, at) => ({ article: `a${at}`, cents: n + at }));
  return { method: 'POST', path: `/orders/${n}`, headers, body: JSON.stringify({ lines }) };
});
