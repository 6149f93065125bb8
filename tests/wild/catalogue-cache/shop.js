const http = require('http');
const { find } = require('./catalogue');

const server = http.createServer(async (request, response) => {
  const found = await find(Number(request.url.slice(1)));
  response.end(JSON.stringify(found));
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 6 });
  let id = 0;
  setInterval(() => {
    id += 1 + (id % 3);
    http.get({ host: '127.0.0.1', port, path: `/${id % 4000000}`, agent }, (response) => response.resume());
  }, 10);
  console.log('ready');
});
