import { handOver } from './handover';

const FLOWERS = ['tulip', 'iris', 'aster', 'dahlia', 'lily'];
let number = 0;
let accepted = 0;

setInterval(() => {
  number++;
  const stems = Array.from({ length: 4 + (number % 6) }, (_, at) => ({ flower: FLOWERS[(number + at) % 5], count: 3 + at }));
  handOver({ number, florist: `florist-${number % 40}`, stems }).then((yes) => (accepted += Number(yes)), () => {});
}, 15);
console.log('ready');
