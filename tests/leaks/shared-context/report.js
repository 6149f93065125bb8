'use strict';

// The last report is kept so that the next one can be compared with it.
let lastReport = null;

function buildReport(orders) {
  const previous = lastReport;

  const changedSince = () => {
    if (!previous) return orders.length;
    return orders.length - previous.total();
  };
  const lines = orders.map((order) => `${order.id};${order.total};${order.customer}`);

  lastReport = {
    changed: changedSince(),
    total() {
      return lines.length;
    },
    text() {
      return lines.join('\n');
    },
  };
  return lastReport;
}

module.exports = { buildReport };
