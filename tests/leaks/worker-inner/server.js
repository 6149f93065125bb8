'use strict';
const http = require('http');
const path = require('path');
const { once } = require('events');
const { Worker } = require('worker_threads');

const indexer = new Worker(path.join(__dirname, 'indexer.js'));

const server = http.createServer(async (req, res) => {
  indexer.postMessage({ path: req.url });
  const [size] = await once(indexer, 'message');
  res.end(String(size));
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
