'use strict';
const express = require('express');

const app = express();
app.use(express.json());
app.set('etag', 'strong');

const units = ['m', 'kg', 's', 'A', 'K', 'mol', 'cd'];
const formatters = units.map((unit) => new Function('value', `return value.toFixed(2) + ' ${unit}'`));

app.get('/convert/:unit/:value', (req, res) => {
  const format = formatters[Number(req.params.unit) % formatters.length];
  let sum = 0;
  for (let k = 0; k < 20000; k++) sum += Math.sqrt(k * Number(req.params.value));
  res.send(`${format(sum)} ${new Intl.NumberFormat('de-DE').format(sum)}`);
});

app.get('/sorted/:n', (req, res) => {
  const list = Array.from({ length: 500 }, (_, k) => ({ k, weight: (k * Number(req.params.n)) % 97 }));
  list.sort((a, b) => a.weight - b.weight || a.k - b.k);
  res.json(list.slice(0, 5));
});

app.get('/page/:name', (req, res) => {
  res.type('html').send(`<h1>${encodeURIComponent(req.params.name)}</h1>`);
});

const server = app.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
