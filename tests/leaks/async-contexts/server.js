'use strict';
const http = require('http');
const { setTimeout: sleep } = require('timers/promises');
const context = require('./context');

class RequestContext {
  constructor(req) {
    this.url = req.url;
    this.startedAt = Date.now();
    this.log = [];
  }
}

const server = http.createServer(async (req, res) => {
  context.enter(new RequestContext(req));
  await sleep(1);
  res.end(context.current()?.url ?? 'nobody');
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
