'use strict';
const fs = require('node:fs');
const chokidar = require('chokidar');

/** Today's menu as a visitor sees it; the cook may change it at any time. */
function menuFor(file, language) {
  let menu = JSON.parse(fs.readFileSync(file, 'utf8'));
  const watcher = chokidar.watch(file, { ignoreInitial: true });
  watcher.on('change', () => {
    menu = JSON.parse(fs.readFileSync(file, 'utf8'));
  });
  return {
    page: () => ({ language, dishes: Object.entries(menu).map(([course, dish]) => `${course}: ${dish}`) }),
  };
}

module.exports = { menuFor };
