'use strict';
const { insurers } = require('./insurers');
const { quote } = require('./quotes');

let compared = 0;

async function compare(port, age) {
  const quotes = await Promise.all(['one', 'two', 'three'].map((insurer) => quote(`http://127.0.0.1:${port}/${insurer}/bicycle?age=${age}`)));
  if (Math.min(...quotes.filter((cents) => cents !== undefined)) > 0) compared++;
}

insurers.listen(0, '127.0.0.1', () => {
  const { port } = insurers.address();
  let visitor = 0;
  setInterval(() => compare(port, 18 + (++visitor % 60)), 60);
  console.log('ready');
});
