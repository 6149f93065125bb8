'use strict';
const http = require('http');
const { trace } = require('./tracing');

const slowRequests = [];

class RequestInfo {
  constructor(req) {
    this.method = req.method;
    this.url = req.url;
  }
}

const server = http.createServer((req, res) => {
  const info = new RequestInfo(req);
  trace(info).span('received');
  slowRequests.push(info); // looked at by the dashboard
  trace(info).span('answered');
  res.end('ok');
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
