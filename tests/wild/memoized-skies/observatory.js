'use strict';
const { sky } = require('./sky');

let turns = 0;
let seen = 0;

setInterval(() => {
  const turn = ++turns;
  const [east, north, minute] = [turn % 360, 40 + (turn % 17), Math.floor(turn / 20)];
  seen += sky(east, north, minute).filter((star) => star.visible).length;
  // A second telescope looks there, too.
  seen += sky(east, north, minute).length;
}, 12);
console.log('ready');
