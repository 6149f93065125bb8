import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startApi } from './api';
import { basketPage } from './pages';

async function main() {
  const api = await startApi();
  const server = createServer(async (request, response) => {
    try {
      response.end(await basketPage(api, request.url!.slice('/basket/'.length)));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    let visits = 0;
    setInterval(async () => {
      visits += 1;
      await (await fetch(`http://127.0.0.1:${port}/basket/v${visits}`)).text();
    }, 15);
    console.log('ready');
  });
}

main();
