import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { ask } from './agent.js';

const server = createServer(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  try {
    response.end(await ask(request.headers['x-conversation'], body));
  } catch (error) {
    response.writeHead(500).end(error.message);
  }
});

async function converse(port, number) {
  const conversation = randomUUID();
  for (const question of ['Where is my parcel', 'Can it come on Saturday instead', 'Who do I call']) {
    const sent = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST', headers: { 'x-conversation': conversation }, body: `${question}, order ${number}?`
    });
    await sent.text();
  }
}

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  let number = 0;
  setInterval(() => converse(port, (number += 1)).catch(() => {}), 140);
  console.log('ready');
});
