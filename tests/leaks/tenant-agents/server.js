'use strict';
const http = require('http');
const { agentFor } = require('./client');

const server = http.createServer((req, res) => {
  const tenant = req.url.slice(1);
  const agent = agentFor(tenant);
  res.end(`${tenant}: ${Object.keys(agent.sockets).length} sockets`);
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
