import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

const SHELVES = ['north', 'south', 'cold', 'high'];

/** What an assistant may ask the warehouse. */
export function warehouse(): McpServer {
  const server = new McpServer({ name: 'warehouse', version: '2.3.0' });

  server.registerTool('stock', { description: 'Where an article lies, and how many of it', inputSchema: { article: z.string() } }, async ({ article }) => {
    const number = Number(article.slice(1));
    const places = SHELVES.map((shelf, n) => ({ shelf, bin: `${shelf[0].toUpperCase()}${(number + n * 17) % 400}`, pieces: (number * (n + 3)) % 60 }));
    return { content: [{ type: 'text', text: JSON.stringify({ article, places }) }] };
  });

  return server;
}
