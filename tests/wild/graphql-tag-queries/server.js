'use strict';
const http = require('node:http');
const { schema, article } = require('./catalogue');
const { query } = require('./query');

const server = http.createServer(async (req, res) => {
  const [, id, fields] = req.url.split('/');
  const { data } = await query(schema, id, fields.split('+'), { article });
  res.end(JSON.stringify(data));
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  let id = 0;
  setInterval(() => {
    const fields = ['name', 'price', 'stock'].slice(++id % 3).join('+');
    http.get({ agent, host: '127.0.0.1', port: server.address().port, path: `/${id}/${fields}` }, (res) => res.resume()).on('error', () => {});
  }, 12);
  console.log('ready');
});
