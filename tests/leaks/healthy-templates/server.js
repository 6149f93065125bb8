'use strict';
const http = require('http');

const templates = new Map();

function compile(name) {
  const parts = [`<h1>${name}</h1>`, '<p>', '</p>'];
  return (data) => parts[0] + parts[1] + data + parts[2];
}

function template(name) {
  if (!templates.has(name)) templates.set(name, compile(name));
  return templates.get(name);
}

// A shop with 150 kinds of pages, some asked for more often than others.
let seed = 17;
function anyPage() {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return `page-${(seed >>> 8) % 150}`;
}

const server = http.createServer((req, res) => {
  res.end(template(anyPage())(req.url));
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
