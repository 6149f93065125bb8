import type { IncomingMessage, ServerResponse } from 'node:http';
import { ward } from './ward';

/** Sends a nurse's screen the beds that are hers, and again whenever one of them changes. */
export function screen(req: IncomingMessage, res: ServerResponse): void {
  const mine = new Set((new URL(req.url ?? '/', 'http://ward').searchParams.get('beds') ?? '').split(',').map(Number));
  let sent = '';

  const send = () => {
    const beds = ward.getState().beds.filter(({ number }) => mine.has(number));
    const text = JSON.stringify(beds);
    if (text === sent || res.writableEnded || res.destroyed) return;
    sent = text;
    res.write(`data: ${text}\n\n`);
  };

  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  ward.subscribe(send);
  send();
  req.on('close', () => res.end());
}
