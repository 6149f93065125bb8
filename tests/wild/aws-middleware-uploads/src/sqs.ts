import { createServer } from 'node:http';
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';

/** A queue on this machine, as the one of the cloud costs money. */
export function serve(ready: (endpoint: string) => void): void {
  const server = createServer(async (req, res) => {
    let text = '';
    for await (const chunk of req) text += chunk;
    const { MessageBody = '' } = JSON.parse(text || '{}');
    res.setHeader('Content-Type', 'application/x-amz-json-1.0');
    res.end(JSON.stringify({ MessageId: text.length.toString(16), MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex') }));
  });
  server.listen(0, '127.0.0.1', () => ready(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
}
