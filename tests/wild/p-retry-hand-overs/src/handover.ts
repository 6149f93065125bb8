import pRetry from 'p-retry';
import { post, type Order } from './partner';

// Nothing is tried again when the process is told to end.
const ending = new AbortController();
process.once('SIGTERM', () => {
  ending.abort();
  setTimeout(() => process.exit(), 300);
});

export async function handOver(order: Order): Promise<boolean> {
  const { accepted } = await pRetry(() => post(order), { retries: 4, minTimeout: 30, signal: ending.signal });
  return accepted;
}
