'use strict';
const { createProxyMiddleware } = require('http-proxy-middleware');

exports.toTenant = (target) => (req, res, next) => {
  const { tenant } = req.params;
  const proxy = createProxyMiddleware({
    target,
    logLevel: 'silent',
    headers: { 'x-tenant': tenant },
    pathRewrite: { [`^/${tenant}`]: '' },
  });
  proxy(req, res, next);
};
