'use strict';
const { put, firstAbove } = require('./scores');

const games = ['pinball', 'skeeball', 'derby', 'claw'];
let round = 0;
let rewards = 0;

async function play() {
  round++;
  const game = games[round % 4];
  const trail = Array.from({ length: 24 }, (_, at) => (round * (at + 3)) % 997);
  await put(game, `player-${100 + ((round * 13) % 50)}`, 100 + (round % 900), trail);
  if (await firstAbove(game, 250)) rewards++;
}

setInterval(() => {
  for (let n = 0; n < 2; n++) play().catch((error) => console.error(error.message));
}, 20);
console.log('ready');
