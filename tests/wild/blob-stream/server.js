'use strict';
const http = require('node:http');

// Sums what is uploaded, as a stream, since files can be large.
async function sum(upload) {
  let total = 0;
  for await (const part of upload.stream()) total = (total + part[0] + part.length) % 65_521;
  return total;
}

const server = http.createServer((req, res) => {
  const parts = [];
  req.on('data', (part) => parts.push(part));
  req.on('end', async () => res.end(String(await sum(new Blob(parts)))));
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const options = { agent, host: '127.0.0.1', port: server.address().port, method: 'PUT' };
    http.request(options, (res) => res.resume()).on('error', () => {}).end(Buffer.alloc(50_000, ++n & 255));
  }, 100);
  console.log('ready');
});
