'use strict';
const http = require('http');
const { EventEmitter } = require('events');
const { RpcClient } = require('./rpc');

// The inventory service answers in a moment, but never for discontinued products.
const transport = new EventEmitter();
transport.on('send', ({ id, params }) => {
  if (params.product % 2) setTimeout(() => transport.emit('reply', { id, result: { stock: params.product % 9 } }), 2);
});
const inventory = new RpcClient(transport);

async function stockOf(product) {
  const basket = { product, notes: Array.from({ length: 20 }, (_, k) => `line ${k} of ${product}`) };
  const answer = await inventory.call('stock', { product });
  return { ...answer, lines: basket.notes.length };
}

const server = http.createServer(async (req, res) => {
  const product = Number(req.url.split('/').pop());
  const late = new Promise((resolve) => setTimeout(resolve, 5, { stock: null }));
  const stock = await Promise.race([stockOf(product), late]);
  res.end(JSON.stringify(stock));
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
