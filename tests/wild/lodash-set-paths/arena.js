'use strict';
const { setTimeout: rest } = require('node:timers/promises');
const { patch } = require('./patches');

let sent = 0;

function tell(tree) {
  sent += JSON.stringify(tree).length;
}

async function main() {
  console.log('ready');
  for (let n = 1; ; n++) {
    const changes = [
      { player: n, field: 'position.x', value: n % 300 },
      { player: n, field: 'position.y', value: n % 170 },
    ];
    if (n % 3 === 0) changes.push({ player: n - 1, field: 'score', value: n % 21 });
    tell(patch(n >> 4, changes));
    if (n % 4 === 0) await rest(5);
  }
}

main();
