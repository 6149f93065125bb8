import type { AddressInfo } from 'node:net';
import express from 'express';
import { answer } from './answers';
import { slowest, startTracing } from './tracing';

startTracing();

const app = express();
app.use(express.json());
app.post('/answers', async (request, response) => {
  response.json({ answer: await answer(request.body) });
});
app.get('/debug/slowest', (_request, response) => {
  response.json(slowest(10));
});

const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  let asked = 0;
  setInterval(async () => {
    asked += 1;
    const text = `How do I change the address of order ${asked} before it leaves the depot in zone ${asked % 40}?`;
    const response = await fetch(`http://127.0.0.1:${port}/answers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text, conversation: `c-${Math.floor(asked / 4)}` }),
    });
    await response.text();
  }, 9);
  console.log('ready');
});
