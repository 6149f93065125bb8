import { depot } from './depots.js';

let round = 0;
let missing = 0;

setInterval(async () => {
  round++;
  const { shelves } = await depot(round);
  missing += shelves.filter(({ pieces }) => pieces === 0).length;
}, 50);
console.log('ready');
