'use strict';
// Pages that React makes on the server.
const http = require('node:http');
const { createElement: h } = require('react');
const { renderToString } = require('react-dom/server');
const traffic = require('./traffic');

const Row = ({ text }) => h('li', { className: 'row' }, text);
const Page = ({ path, rows }) => h('main', null, h('h1', null, path), h('ul', null, rows.map((text) => h(Row, { key: text, text }))));
const server = http.createServer((req, res) => {
  const rows = Array.from({ length: 30 }, (_, row) => `${req.url} ${row}`);
  res.end(renderToString(h(Page, { path: req.url, rows })));
});
traffic(server, 30, (n) => `/${n}`);
