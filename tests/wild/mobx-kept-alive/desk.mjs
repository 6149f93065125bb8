import { exchange, Quote } from './exchange.mjs';

const CURRENCIES = ['CHF', 'EUR', 'USD'];
let n = 0;
let sold = 0;
setInterval(() => {
  for (let k = 0; k < 2; k++) {
    const positions = Array.from({ length: 8 }, (_, at) => ({ currency: CURRENCIES[(n + at) % 3], amount: ++n % 500 }));
    const quote = new Quote(positions);
    if (quote.total.get() > 900) sold += quote.total.get();
  }
}, 8);
setInterval(() => exchange.move('USD', 0.8 + (n % 100) / 1000), 4000);
console.log('ready');
