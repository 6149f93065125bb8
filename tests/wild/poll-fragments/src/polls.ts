import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Choice } from './bars';
import { fragment } from './fragment';

const polls = Array.from({ length: 40 }, (_, poll): Choice[] => ['Yes', 'No', 'Maybe', 'Later'].map((name, n) => ({ name, votes: 200 + poll * 7 + n })));

const server = createServer((req, res) => {
  const poll = Number(req.url?.split('/').pop());
  polls[poll][(poll * 3 + polls[poll][0].votes) % 4].votes++;
  polls[poll][0].votes += 2;
  res.setHeader('Content-Type', 'text/html');
  res.end(fragment(polls[poll]));
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  let asked = 0;
  setInterval(() => {
    get({ agent, host: '127.0.0.1', port, path: `/polls/${++asked % polls.length}` }, (res) => res.resume()).on('error', () => {});
  }, 14);
  console.log('ready');
});
