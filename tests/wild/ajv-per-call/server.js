'use strict';
const http = require('node:http');
const { problems } = require('./forms');

const server = http.createServer(async (req, res) => {
  let text = '';
  for await (const chunk of req) text += chunk;
  const found = problems(req.url.slice(1), JSON.parse(text));
  res.writeHead(found.length ? 400 : 200).end(JSON.stringify(found));
});

// Visitors.
server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  const answers = [
    ['contact', { name: 'Ada', mail: 'ada@example.org' }],
    ['survey', { rating: 4 }],
    ['contact', { name: 'Bo' }],
  ];
  let visits = 0;
  setInterval(() => {
    const [form, body] = answers[visits++ % answers.length];
    const options = { agent, host: '127.0.0.1', port: server.address().port, method: 'POST', path: `/${form}` };
    http.request(options, (res) => res.resume()).on('error', () => {}).end(JSON.stringify(body));
  }, 50);
  console.log('ready');
});
