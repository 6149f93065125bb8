'use strict';
const express = require('express');
const session = require('express-session');

/** The catalogue of a library. What somebody read last is shown again. */
function library() {
  const app = express();
  app.use(session({ secret: 'for a test', resave: false, saveUninitialized: true }));

  app.get('/books/:number', (req, res) => {
    req.session.seen ??= [];
    req.session.seen.push({ book: req.params.number, title: `Book ${req.params.number}`, shelf: Number(req.params.number) % 80 });
    if (req.session.seen.length > 5) req.session.seen.shift();
    req.session.next = Array.from({ length: 8 }, (_, at) => `Book ${Number(req.params.number) + at * 7}, volume ${at + 1} of the same series`);
    res.json({ book: req.params.number, seen: req.session.seen, next: req.session.next });
  });
  return app;
}

module.exports = { library };
