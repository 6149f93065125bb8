'use strict';

function reload(name) {
  const file = require.resolve(`./plugins/${name}`);
  delete require.cache[file];
  return require(file);
}

module.exports = { reload };
