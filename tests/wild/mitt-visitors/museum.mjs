import { follow, museum } from './exhibits.mjs';

let n = 0;
setInterval(() => {
  const visitor = { ticket: ++n, name: `Visitor ${n}`, languages: ['it', 'en'], audio: n % 2 === 0 };
  const seen = follow(visitor);
  if (n % 50 === 0) museum.emit('entered', { ticket: n, room: seen.length });
}, 1);
console.log('ready');
