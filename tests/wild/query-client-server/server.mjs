import http from 'node:http';
import { repository } from './repositories.mjs';

const server = http.createServer(async (req, res) => {
  const { files } = await repository(req.url.slice(1));
  res.end(files.join('\n'));
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let n = 0;
  setInterval(() => {
    http.get({ agent, host: '127.0.0.1', port: server.address().port, path: `/team-${++n % 90}/project-${n}` }, (res) => res.resume()).on('error', () => {});
  }, 12);
  console.log('ready');
});
