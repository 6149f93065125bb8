'use strict';

const steps = Array.from({ length: 12 }, (_, at) => ({ from: at * 10, discount: at / 100 }));

function discount(pieces) {
  return steps.findLast(({ from }) => pieces >= from).discount;
}

module.exports = { discount };
