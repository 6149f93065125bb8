import http from 'node:http';
import { accept } from './forms.mjs';

const server = http.createServer((req, res) => {
  let body = '';
  req.on('data', (data) => (body += data));
  req.on('end', () => {
    const problems = accept(JSON.parse(body));
    res.writeHead(problems.length === 0 ? 200 : 400).end(problems.join('\n'));
  });
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const sent = JSON.stringify({ name: `Guest ${++n}`, people: 1 + (n % 6), from: '2024-05-01' });
    http.request({ agent, host: '127.0.0.1', port: server.address().port, method: 'POST' }, (res) => res.resume()).on('error', () => {}).end(sent);
  }, 120);
  console.log('ready');
});
