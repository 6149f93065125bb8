'use strict';
const httpProxy = require('http-proxy');

const proxy = httpProxy.createProxyServer({ proxyTimeout: 5000 });

/** Hands a request on, and says in the answer whose it was and how long it took. */
function forward(req, res, target) {
  const began = process.hrtime.bigint();
  const tenant = { name: req.headers['x-tenant'], trace: req.headers['x-trace'] };

  proxy.on('proxyRes', (proxyRes, incoming) => {
    if (incoming !== req) return;
    const millis = Number(process.hrtime.bigint() - began) / 1e6;
    proxyRes.headers['server-timing'] = `orders;dur=${millis.toFixed(1)};desc="${tenant.name}"`;
  });
  proxy.web(req, res, { target }, (error) => {
    console.error(`${tenant.trace}: ${error.message}`);
    if (!res.headersSent) res.writeHead(502);
    res.end();
  });
}

module.exports = { forward };
