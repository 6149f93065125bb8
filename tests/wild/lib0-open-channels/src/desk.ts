import { Room } from './room';

const open: Room[] = [];
let asked = 0;
let lines = 0;

setInterval(() => {
  const room = new Room(`question-${++asked}`);
  room.say({ from: `guest-${asked % 300}`, text: 'Is the sauna open?' });
  open.push(room);
  if (open.length < 10) return;
  const answered = open.shift();
  answered?.say({ from: 'desk', text: 'From four to nine.' });
  lines += answered?.close() ?? 0;
}, 25);
console.log('ready');
