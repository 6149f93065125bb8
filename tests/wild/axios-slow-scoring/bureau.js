'use strict';
const express = require('express');

const SECONDS = 12;

/** The credit bureau, which takes its time these days. */
const bureau = express();
bureau.post('/score', (req, res) => {
  req.resume();
  setTimeout(() => res.json({ score: 300 + (req.headers['content-length'] % 550) }), SECONDS * 1000);
});

module.exports = { bureau };
