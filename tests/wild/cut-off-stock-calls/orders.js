require('reflect-metadata');
const { Stock } = require('./stock');
const { warehouse } = require('./warehouse');

let number = 0;
let refused = 0;

function nextOrder() {
  number += 1;
  const lines = Array.from({ length: 14 }, (_, at) => ({
    sku: `SKU-${number}-${at}`,
    title: `Article ${at} of order ${number}`,
    count: 1 + ((number + at) % 8),
    note: at % 3 ? '' : `gift wrap ${number % 20}`
  }));
  return { number, placed: Date.now(), lines };
}

async function main() {
  const stock = new Stock(await warehouse());
  setInterval(async () => {
    try {
      await stock.check(nextOrder());
    } catch {
      refused += 1;
    }
  }, 12);
  setInterval(() => console.log(`${number} orders, ${refused} refused`), 30000);
  console.log('ready');
}

main();
