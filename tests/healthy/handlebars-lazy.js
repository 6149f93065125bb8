'use strict';
// Templates that are compiled when they are first used: forty, over a minute.
const http = require('node:http');
const Handlebars = require('handlebars');
const traffic = require('./traffic');

const compiled = new Map();

function template(name) {
  let render = compiled.get(name);
  if (!render) {
    render = Handlebars.compile(`<h1>${name}</h1>{{#each rows}}<li>{{this.id}}: {{this.text}}</li>{{else}}nothing{{/each}}`);
    compiled.set(name, render);
  }
  return render;
}

const server = http.createServer((req, res) => {
  const rows = Array.from({ length: 5 }, (_, id) => ({ id, text: req.url }));
  res.end(template(req.url)({ rows }));
});
traffic(server, 30, (n) => `/mail-${n % Math.min(40, 1 + Math.floor(n / 45))}`);
