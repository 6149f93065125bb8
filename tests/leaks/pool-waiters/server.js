'use strict';
const http = require('http');
const { Pool } = require('./pool');

const pool = new Pool(2);

const server = http.createServer(async (req, res) => {
  try {
    await pool.acquire(30);
    res.end('done');
  } catch {
    res.writeHead(503).end();
  }
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
