'use strict';
const retry = require('retry');

/** Keeps asking a depot for its stock until it can be reached. */
function link(depot, ask, onStock) {
  const operation = retry.operation({ forever: true, retries: 10, factor: 1.2, minTimeout: 30, maxTimeout: 120 });
  operation.attempt(() => {
    ask(depot, (error, stock) => {
      if (operation.retry(error)) return;
      onStock(depot, stock);
    });
  });
}

module.exports = { link };
