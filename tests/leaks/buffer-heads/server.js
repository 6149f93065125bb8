'use strict';
const http = require('http');

const signatures = [];

const server = http.createServer((req, res) => {
  const parts = [];
  req.on('data', (part) => parts.push(part));
  req.on('end', () => {
    const body = Buffer.concat(parts);
    signatures.push(body.subarray(0, 16));
    res.end(`${signatures.length}`);
  });
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
