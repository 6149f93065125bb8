'use strict';
const { cooked } = require('./kitchen');

let number = 0;
let plates = 0;
setInterval(async () => {
  const { dishes } = await cooked({ number: ++number, dishes: ['soup', 'bread'], table: number % 12 });
  plates += dishes.length;
}, 50);
console.log('ready');
