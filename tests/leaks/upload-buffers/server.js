'use strict';
const http = require('http');

const uploads = new Map();
let nextId = 1;

function receive(req) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    req.on('data', (chunk) => chunks.push(chunk));
    req.on('end', () => resolve(Buffer.concat(chunks)));
    req.on('error', reject);
  });
}

const server = http.createServer(async (req, res) => {
  const data = await receive(req);
  const id = `upload-${nextId++}`;
  // kept until the client confirms, which the new client no longer does
  uploads.set(id, data);
  res.end(id);
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
