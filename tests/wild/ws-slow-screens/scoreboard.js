import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';

export class Scoreboard {
  #server = new WebSocketServer({ host: '127.0.0.1', port: 0 });

  async listen() {
    if (!this.#server.address()) await once(this.#server, 'listening');
    return this.#server.address().port;
  }

  /** Sends the state of the race to all screens. */
  show(state) {
    const text = JSON.stringify(state);
    for (const screen of this.#server.clients) {
      if (screen.readyState === WebSocket.OPEN) screen.send(text);
    }
  }
}
