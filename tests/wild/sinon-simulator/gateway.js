'use strict';
const sinon = require('sinon');

/** A payment gateway for those who try out the shop. */
function gateway(outcome) {
  const pay = sinon.stub();
  pay.onFirstCall().returns({ status: 'pending' });
  pay.onSecondCall().returns({ status: outcome });
  return { pay };
}

module.exports = { gateway };
