import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Scoreboard } from './scoreboard.js';

const board = new Scoreboard();
const port = await board.listen();

// Four screens in the hall. One of them has crashed: it is connected and reads no more.
for (let number = 0; number < 4; number++) {
  const screen = new WebSocket(`ws://127.0.0.1:${port}/?screen=${number}`);
  await once(screen, 'open');
  let shown = 0;
  screen.on('message', () => shown++);
  if (number === 2) screen.pause();
}

let moment = 0;
setInterval(() => {
  moment++;
  const runners = Array.from({ length: 80 }, (_, runner) => ({ runner, name: `Runner number ${runner}`, metres: moment * 3 + runner, pulse: 90 + ((moment + runner) % 80) }));
  board.show({ moment, leader: moment % 80, runners });
}, 5);
console.log('ready');
