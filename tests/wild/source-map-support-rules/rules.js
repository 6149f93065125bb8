'use strict';
const vm = require('node:vm');
require('source-map-support').install();

/** Runs a rule that somebody has written; tells what is wrong with it. */
function run(rule, order) {
  const script = new vm.Script(`(order) => { ${rule.code} }`, { filename: `rules/${rule.shop}/${rule.name}-${rule.revision}.js` });
  try {
    return { discount: script.runInThisContext()(order) };
  } catch (error) {
    return { discount: 0, trace: error.stack };
  }
}

module.exports = { run };
