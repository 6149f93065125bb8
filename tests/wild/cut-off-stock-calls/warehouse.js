const net = require('net');

const RESTART_EVERY = 150;

function answer(socket, text) {
  const message = JSON.parse(text);
  const { lines } = message.data;
  const wait = 40 + Math.random() * 120;
  setTimeout(() => {
    if (socket.destroyed) return;
    const body = JSON.stringify({ id: message.id, isDisposed: true, response: { inStock: lines.every((line) => line.count < 9) } });
    socket.write(`${body.length}#${body}`);
  }, wait);
}

function warehouse() {
  const open = new Set();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.setEncoding('utf8');
    let rest = '';
    socket.on('data', (text) => {
      rest += text;
      for (;;) {
        const hash = rest.indexOf('#');
        if (hash < 0) return;
        const length = Number(rest.slice(0, hash));
        if (rest.length < hash + 1 + length) return;
        answer(socket, rest.slice(hash + 1, hash + 1 + length));
        rest = rest.slice(hash + 1 + length);
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
  });
  setInterval(() => open.forEach((socket) => socket.end()), RESTART_EVERY);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

module.exports = { warehouse };
