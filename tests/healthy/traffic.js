'use strict';
const http = require('node:http');

/** Asks a server for `make(n)` (a path, or the options of a request with a `body`) so often a second, for good. */
module.exports = function traffic(server, perSecond, make) {
  server.listen(0, '127.0.0.1', () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 6 });
    const { port } = server.address();
    let n = 0;
    setInterval(() => {
      const wanted = make(++n);
      const { body, ...options } = typeof wanted === 'string' ? { path: wanted } : wanted;
      const request = http.request({ agent, port, host: '127.0.0.1', ...options }, (answer) => answer.resume());
      // A snapshot stops this process for longer than a connection may be idle.
      request.on('error', () => {}).end(body);
    }, 1000 / perSecond);
    console.log('ready');
  });
};
