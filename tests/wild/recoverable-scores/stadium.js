const { io: connect } = require('socket.io-client');
const { board } = require('./board');
const { report } = require('./scores');

async function main() {
  const { io, port } = await board();
  let number = 0;
  setInterval(() => {
    number += 1;
    io.emit('report', report(number));
  }, 5);
  let shown = 0;
  for (let at = 0; at < 3; at += 1) {
    const screen = connect(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
    screen.on('report', () => {
      shown += 1;
    });
  }
  setInterval(() => console.log(`${number} reports, ${shown} shown`), 30000);
  console.log('ready');
}

main();
