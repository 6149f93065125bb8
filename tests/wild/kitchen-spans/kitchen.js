'use strict';
const { collector } = require('./collector');
const { cook } = require('./orders');
const { tracing } = require('./tracing');

collector.listen(0, '127.0.0.1', () => {
  const tracer = tracing(`http://127.0.0.1:${collector.address().port}`);
  let order = 40_000;
  setInterval(() => cook(tracer, ++order), 50);
  console.log('ready');
});
