'use strict';
const http = require('http');
const { reload } = require('./plugins');

const server = http.createServer((req, res) => {
  // always the newest version of the plugin
  const greeter = reload('greeter');
  res.end(greeter.greet(req.url.slice(1)));
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
