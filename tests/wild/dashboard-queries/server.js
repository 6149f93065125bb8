import { createServer } from 'node:http';
import { api } from './api.js';
import { pageState } from './queries.js';

const server = createServer(async (request, response) => {
  const state = await pageState(api, Number(request.url.split('/').pop()));
  response.setHeader('content-type', 'text/html');
  response.end(`<!doctype html><main></main><script>window.__STATE__ = ${state}</script>`);
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  let user = 0;
  setInterval(async () => {
    user += 1;
    await (await fetch(`http://127.0.0.1:${port}/dashboards/${user}`)).text();
  }, 20);
  console.log('ready');
});
