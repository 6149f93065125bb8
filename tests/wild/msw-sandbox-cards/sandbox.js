import { bank, trialCard } from './bank.js';

bank.listen({ onUnhandledRequest: 'bypass' });

async function charge(card, cents) {
  const basket = Array.from({ length: 24 }, (_, row) => ({ article: `a-${row * cents}`, pieces: 1 + (row % 3), cents: cents / 24 }));
  const response = await fetch('https://bank.example/charges', { method: 'POST', body: JSON.stringify({ card, cents, basket }) });
  return response.json();
}

let n = 4_000_000;
let accepted = 0;

setInterval(async () => {
  const number = `4242-${++n}`;
  trialCard({ number, limit: 5000, shop: `shop-${n % 25}` });
  for (const cents of [1200, 3600]) {
    const answer = await charge(number, cents);
    if (answer.accepted) accepted++;
  }
}, 30);
console.log('ready');
