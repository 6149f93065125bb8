'use strict';
const http = require('node:http');
const { createClient } = require('redis');
const { answer } = require('./model');
const { serve } = require('./redis');
const { streams } = require('./stream');

serve(async (port) => {
  const publisher = createClient({ url: `redis://127.0.0.1:${port}` });
  const subscriber = publisher.duplicate();
  for (const client of [publisher, subscriber]) client.on('error', (error) => console.error(error.message));
  await Promise.all([publisher.connect(), subscriber.connect()]);

  const server = http.createServer(streams(subscriber));
  server.listen(0, '127.0.0.1', () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 6 });
    let chats = 0;
    setInterval(() => {
      const chat = `c${++chats}`;
      http.get({ agent, host: '127.0.0.1', port: server.address().port, path: `/chats/${chat}/events` }, (res) => {
        res.once('data', () => answer(publisher, chat));
        res.resume();
      }).on('error', () => {});
    }, 25);
    console.log('ready');
  });
});
