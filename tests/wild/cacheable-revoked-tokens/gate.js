import { createHmac } from 'node:crypto';
import { isRevoked, revoke } from './revocations.js';

const lifts = ['valley', 'summit', 'glacier', 'north ridge'];

function issue(skier, day) {
  const body = Buffer.from(JSON.stringify({ skier, day, lifts, adult: skier % 3 > 0 })).toString('base64url');
  return `${body}.${createHmac('sha256', 'snow').update(body).digest('base64url')}`;
}

let skier = 0;
let open = 0;

setInterval(() => {
  for (let n = 0; n < 12; n++) {
    const pass = issue(++skier, 1 + (skier % 180));
    if (skier % 5000 === 0) revoke(pass);
    if (!isRevoked(pass)) open++;
  }
}, 15);
console.log('ready');
