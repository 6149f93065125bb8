'use strict';
const Sentry = require('@sentry/node');

Sentry.init({ dsn: 'http://key@127.0.0.1:9/1', defaultIntegrations: false });

// What goes wrong is reported with the request that it went wrong in.
function watched(handler) {
  return (req, res) => {
    Sentry.configureScope((scope) => {
      scope.addEventProcessor((event) => Sentry.Handlers.parseRequest(event, req));
    });
    try {
      handler(req, res);
    } catch (error) {
      Sentry.captureException(error);
      res.writeHead(500).end();
    }
  };
}

module.exports = { watched };
