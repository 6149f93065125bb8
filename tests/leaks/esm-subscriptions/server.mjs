import http from 'node:http';
import { subscribe, publish } from './subscriptions.mjs';

const server = http.createServer((req, res) => {
  const topic = req.url.slice(1);
  const inbox = [];
  subscribe(topic, (message) => inbox.push(message));
  publish(topic, { hello: topic });
  res.end(JSON.stringify(inbox));
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
