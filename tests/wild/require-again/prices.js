'use strict';

const RULES = require.resolve('./rules.js');

/** What somebody pays, by the rules as they are now: they may be changed while this runs. */
function price(order) {
  delete require.cache[RULES];
  const { discount } = require(RULES);
  return order.pieces * order.each * (1 - discount(order.pieces));
}

module.exports = { price };
