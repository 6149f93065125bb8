import { Notices } from './notices.mjs';

const notices = new Notices('Sent to {{name}}, who lives at number {{house}}.');
let n = 0;
setInterval(() => {
  n++;
  const text = `Dear {{name}}, the water is off on day ${n} from ${n % 24} o'clock. {{#upstairs}}Please fill a bucket.{{/upstairs}}`;
  for (const house of [n % 80, (n + 7) % 80]) notices.send(text, { name: `Reader ${house}`, house, upstairs: house % 2 === 0 });
}, 8);
console.log('ready');
