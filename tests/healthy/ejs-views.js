'use strict';
// Express with views that are compiled when they are first asked for, and kept.
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const express = require('express');
const traffic = require('./traffic');

const views = path.join(__dirname, 'views');
fs.mkdirSync(views, { recursive: true });
for (let page = 0; page < 30; page++) {
  fs.writeFileSync(path.join(views, `page${page}.ejs`), `<h1>Page ${page}</h1><% for (const row of rows) { %><li><%= row %></li><% } %>`);
}
const app = express();
app.set('views', views).set('view engine', 'ejs').enable('view cache');
app.get('/:page', (req, res) => res.render(`page${req.params.page}`, { rows: Object.keys(req.headers) }));
// The last of them is asked for after a minute.
traffic(http.createServer(app), 30, (n) => `/${n % Math.min(30, 1 + Math.floor(n / 60))}`);
