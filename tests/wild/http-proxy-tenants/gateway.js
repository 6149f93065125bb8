'use strict';
const http = require('node:http');
const { upstream } = require('./upstream');
const { forward } = require('./forward');

upstream.listen(0, '127.0.0.1', () => {
  const target = `http://127.0.0.1:${upstream.address().port}`;
  const gateway = http.createServer((req, res) => forward(req, res, target));

  gateway.listen(0, '127.0.0.1', () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
    let n = 0;
    setInterval(() => {
      const headers = { 'X-Tenant': `tenant-${++n % 40}`, 'X-Trace': `00-${n.toString(16).padStart(32, '0')}-01` };
      const options = { agent, headers, host: '127.0.0.1', port: gateway.address().port, path: `/orders?page=${n % 9}` };
      http.get(options, (res) => res.resume()).on('error', () => {});
    }, 50);
    console.log('ready');
  });
});
