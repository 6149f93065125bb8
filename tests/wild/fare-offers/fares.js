import { cheapest } from './offers.js';

let trip = 0;
let sum = 0;

setInterval(async () => {
  try {
    sum += (await cheapest(++trip)).cents;
  } catch (error) {
    console.error(error.message);
  }
}, 35);
console.log('ready');
