'use strict';
const vm = require('node:vm');

/** A customer's own tariff, as it was written down in the contract. */
function compile(contract) {
  return vm.compileFunction(contract.formula, ['kilowattHours', 'night'], {
    filename: `contract-${contract.number}.js`,
    importModuleDynamically: (name) => import(name),
  });
}

function price(contract, month) {
  return compile(contract)(month.kilowattHours, month.night);
}

module.exports = { price };
