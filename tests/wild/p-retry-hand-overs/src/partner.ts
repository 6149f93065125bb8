import { setImmediate as turn } from 'node:timers/promises';

export interface Order {
  number: number;
  florist: string;
  stems: { flower: string; count: number }[];
}

let calls = 0;

/** The florist's own system. Now and then it is out of reach. */
export async function post(order: Order): Promise<{ number: number; accepted: boolean }> {
  await turn();
  if (++calls % 12 === 0) throw new Error(`${order.florist} is out of reach`);
  return { number: order.number, accepted: order.stems.length > 0 };
}
