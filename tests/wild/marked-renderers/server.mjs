import http from 'node:http';
import { render } from './markdown.mjs';

const server = http.createServer(async (req, res) => {
  let text = '';
  for await (const chunk of req) text += chunk;
  res.end(render(text, req.url));
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    const options = { agent, host: '127.0.0.1', port: server.address().port, method: 'POST', path: `/wiki/${++n}` };
    http.request(options, (res) => res.resume()).on('error', () => {}).end(`# Page ${n}\n\nSee [the next](${n + 1}) and **this**.\n`);
  }, 8);
  console.log('ready');
});
