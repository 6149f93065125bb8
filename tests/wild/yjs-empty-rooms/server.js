'use strict';
const http = require('node:http');
const { WebSocketServer } = require('ws');
const { setupWSConnection } = require('y-websocket/bin/utils');
const { write } = require('./writers');

// A shared notepad for each meeting: everybody who has its address writes in it.
const server = http.createServer((req, res) => res.end('ok'));
const notepads = new WebSocketServer({ server });
notepads.on('connection', (socket, req) => setupWSConnection(socket, req));

server.listen(0, '127.0.0.1', () => {
  let meeting = 0;
  setInterval(() => write(`ws://127.0.0.1:${server.address().port}/meeting-${++meeting}`, `Minutes of meeting ${meeting}. `), 40);
  console.log('ready');
});
