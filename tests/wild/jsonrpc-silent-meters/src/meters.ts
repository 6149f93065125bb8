import { createSocket } from 'node:dgram';
import { JSONRPCClient } from 'json-rpc-2.0';

export interface Meter {
  number: number;
  owner: string;
  tariff: 'day' | 'night';
}

export class Meters {
  constructor(private readonly client: JSONRPCClient) {}

  /** What a household has to pay for, from the last time until now. */
  async read(meter: Meter): Promise<{ owner: string; amount: number; hours: number[] }> {
    const hours = Array.from({ length: 96 }, (_, quarter) => (meter.tariff === 'day' ? 0.31 : 0.17) + quarter / 1000);
    const answer = await this.client.request('meter.read', { meter: meter.number, at: Date.now() });
    return { owner: meter.owner, amount: answer.kilowattHours * hours[0], hours };
  }
}

export function connect(port: number): Meters {
  const socket = createSocket('udp4');
  const client = new JSONRPCClient((request) => {
    socket.send(JSON.stringify(request), port, '127.0.0.1');
  });
  socket.on('message', (text) => client.receive(JSON.parse(String(text))));
  return new Meters(client);
}
