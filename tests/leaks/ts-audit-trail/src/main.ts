import readline from 'node:readline';
import { audit, lastEvents } from './audit';

const balances = new Map<string, number>();

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { account, amount } = JSON.parse(line) as { account: string; amount: number };
  const balance = (balances.get(account) ?? 0) + amount;
  balances.set(account, balance);
  audit(balance < 0 ? 'warn' : 'info', account, { amount, balance, source: { channel: 'batch', line: line.length } });
  if (lastEvents(1)[0].level === 'warn') console.error(`${account} is overdrawn`);
  console.log('booked');
});
