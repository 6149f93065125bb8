const express = require('express');
const { validOrder } = require('./validate');

const shops = new Map(['north', 'south', 'west'].map((name, at) => [name, {
  name,
  limit: 10 + at,
  skus: Array.from({ length: 12 }, (_, sku) => `${name}-${sku}`)
}]));

const app = express();
app.use(express.json());
let taken = 0;
app.post('/shops/:shop/orders', validOrder(shops), (request, response) => {
  taken += 1;
  response.status(201).json({ number: taken });
});

const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const names = [...shops.keys()];
  let sent = 0;
  setInterval(async () => {
    sent += 1;
    const shop = names[sent % names.length];
    const order = {
      shop,
      address: { name: `Customer ${sent}`, street: 'Quay 4', city: 'Port', postcode: String(10000 + (sent % 8000)) },
      lines: [{ sku: `${shop}-${sent % 12}`, count: 1 + (sent % 4) }]
    };
    const response = await fetch(`http://127.0.0.1:${port}/shops/${shop}/orders`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(order)
    });
    await response.text();
  }, 15);
  console.log('ready');
});
