'use strict';
const express = require('express');
const cookies = require('universal-cookie-express');

const app = express();
app.use(cookies());

// Which shelf a reader was at, so that the next page begins there.
app.get('/shelves/:shelf', (req, res) => {
  const before = req.universalCookies.get('shelf') ?? 'none';
  req.universalCookies.set('shelf', req.params.shelf, { path: '/' });
  res.json({ shelf: req.params.shelf, before, books: 12 + (req.params.shelf.length % 7) });
});

module.exports = { app };
