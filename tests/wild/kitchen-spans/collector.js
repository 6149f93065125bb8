'use strict';
const http = require('node:http');

/** The collector of the site, whose disk is full today: it takes what it is sent and thinks about it. */
const collector = http.createServer((req) => req.resume());

module.exports = { collector };
