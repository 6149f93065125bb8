'use strict';
const http = require('node:http');
const { open, summary } = require('./summaries');

// A stand-in for the model, on this machine.
const model = http.createServer((req, res) => {
  req.resume().on('end', () => {
    const content = [{ type: 'text', text: 'A short letter.' }];
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ id: 'msg_1', type: 'message', role: 'assistant', model: 'local', content, stop_reason: 'end_turn', usage: { input_tokens: 900, output_tokens: 4 } }));
  });
});

model.listen(0, '127.0.0.1', () => {
  open(`http://127.0.0.1:${model.address().port}`);
  let letter = 0;
  let short = 0;
  setInterval(async () => {
    const text = `Letter ${++letter}. ${`Dear all, page ${letter} of the minutes. `.repeat(160)}`;
    const said = await summary(text).catch(() => '');
    if (said.length < 40) short++;
  }, 10);
  console.log('ready');
});
