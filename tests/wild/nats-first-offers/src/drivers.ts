import net from 'node:net';

/** A stand-in for the broker and the drivers behind it: each ride gets three offers. */
export function drivers(): Promise<number> {
  const broker = net.createServer((socket) => {
    const inboxes = new Map<string, string>();
    let text = '';
    socket.write(`INFO ${JSON.stringify({ server_id: 'DRV', version: '2.10.0', proto: 1, max_payload: 1048576, headers: false })}\r\n`);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const words = text.slice(0, end).split(' ');
        if (words[0] === 'PUB') {
          const size = Number(words[words.length - 1]);
          if (text.length < end + size + 4) return;
          text = text.slice(end + size + 4);
          const inbox = words[2];
          const sid = inboxes.get(inbox);
          inboxes.delete(inbox);
          for (let at = 0; at < 3; at++) {
            const offer = JSON.stringify({ driver: `D-${(size * 7 + at) % 90}`, minutes: 3 + at });
            socket.write(`MSG ${inbox} ${sid} ${offer.length}\r\n${offer}\r\n`);
          }
          continue;
        }
        text = text.slice(end + 2);
        if (words[0] === 'PING') socket.write('PONG\r\n');
        if (words[0] === 'SUB') inboxes.set(words[1], words[words.length - 1]);
      }
    });
  });
  return new Promise((done) => broker.listen(0, '127.0.0.1', () => done((broker.address() as net.AddressInfo).port)));
}
