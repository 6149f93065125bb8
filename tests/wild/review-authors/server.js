'use strict';
const http = require('node:http');
const { graphql } = require('graphql');
const { schema } = require('./schema');

const server = http.createServer(async (req, res) => {
  let body = '';
  for await (const chunk of req.setEncoding('utf8')) body += chunk;
  const { query, variables } = JSON.parse(body);
  const result = await graphql({ schema, source: query, variableValues: variables });
  res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(result));
});

const query = `query Reviews($product: Int!, $newest: Int!) {
  reviews(product: $product, newest: $newest) { id stars author { name city badges bio } product { title } }
}`;

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  let newest = 1_000_000;
  setInterval(() => {
    newest += 12;
    const options = { agent, method: 'POST', host: '127.0.0.1', port: server.address().port, path: '/graphql' };
    const request = http.request(options, (res) => res.resume()).on('error', () => {});
    request.end(JSON.stringify({ query, variables: { product: newest % 500, newest } }));
  }, 30);
  console.log('ready');
});
