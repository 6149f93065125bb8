import { tide, weatherChanged } from './water';
import { Stay } from './stay';

const moored: Stay[] = [];
let boats = 0;

// Boats come and go; never more than thirty lie in the harbour.
setInterval(() => {
  const number = ++boats;
  moored.push(new Stay({ name: `Boat ${number}`, draught: 0.8 + (number % 30) / 10, berth: number % 30 }));
  if (moored.length > 30) moored.shift()!.leave();
}, 50);

let minute = 0;
setInterval(() => {
  minute++;
  tide(2.4 + 1.9 * Math.sin(minute / 60));
  if (minute % 20 === 0) weatherChanged({ knots: minute % 45, from: 'NW' });
}, 500);
console.log('ready');
