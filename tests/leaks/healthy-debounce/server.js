'use strict';
const http = require('http');

const pending = new Map();
let saved = 0;

function debounce(user) {
  clearTimeout(pending.get(user));
  pending.set(user, setTimeout(() => {
    pending.delete(user);
    saved++;
  }, 40));
}

const server = http.createServer((req, res) => {
  debounce(req.url);
  res.end(`${saved}`);
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
