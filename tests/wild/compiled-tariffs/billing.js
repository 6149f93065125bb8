'use strict';
const { price } = require('./tariffs');

const steps = (number) => Array.from({ length: 12 }, (_, at) => `if (kilowattHours < ${100 * at + (number % 90)}) return kilowattHours * 0.${20 + at} - night * 0.0${1 + (at % 8)};`);

let number = 0;
let cents = 0;
setInterval(() => {
  for (let n = 0; n < 3; n++) {
    number++;
    const contract = { number, formula: `// Contract ${number}\n${steps(number).join('\n')}\nreturn kilowattHours * 0.4;` };
    cents += Math.round(100 * price(contract, { kilowattHours: number % 700, night: number % 90 }));
  }
}, 25);
console.log('ready');
