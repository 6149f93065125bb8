import http from 'node:http';
import fetch from 'node-fetch';

const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });

export async function temperature(port, station) {
  const answer = await fetch(`http://127.0.0.1:${port}/${station}`, { agent });
  const { celsius } = await answer.json();
  return celsius;
}
