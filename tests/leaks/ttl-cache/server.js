'use strict';
process.removeAllListeners('warning');
const http = require('http');
const { issue } = require('./tokens');

const server = http.createServer((req, res) => {
  res.end(issue({ name: req.url.slice(1), ip: req.socket.remoteAddress }));
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
