import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 2 });

/** The assistant of the office keeps one session for the day. */
export async function assistant(port: number): Promise<void> {
  let session: string | undefined;
  let id = 0;

  const post = (message: object) => new Promise<void>((done, fail) => {
    const headers: Record<string, string> = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' };
    if (session) headers['Mcp-Session-Id'] = session;
    const asking = request({ agent, headers, method: 'POST', host: '127.0.0.1', port, path: '/mcp' }, (res) => {
      session ??= res.headers['mcp-session-id'] as string;
      res.resume().on('end', done);
    });
    asking.on('error', fail).end(JSON.stringify({ jsonrpc: '2.0', ...message }));
  });

  await post({ id: ++id, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'office', version: '1.0.0' } } });
  await post({ method: 'notifications/initialized' });
  setInterval(() => {
    const article = `A${1000 + ((id * 37) % 9000)}`;
    post({ id: ++id, method: 'tools/call', params: { name: 'stock', arguments: { article } } }).catch((error: Error) => console.error(error.message));
  }, 25);
}
