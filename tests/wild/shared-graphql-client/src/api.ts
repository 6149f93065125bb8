import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema, graphql } from 'graphql';

const schema = buildSchema(`
  type Line { id: ID! title: String! cents: Int! count: Int! }
  type Basket { id: ID! total: Int! lines: [Line!]! }
  type Query { basket(visit: ID!): Basket! }
`);

function basket({ visit }: { visit: string }) {
  const lines = Array.from({ length: 18 }, (_, at) => ({
    id: `${visit}-${at}`, title: `Article ${at} picked in ${visit}`, cents: 199 + at * 10, count: 1 + (at % 3),
  }));
  return { id: visit, total: lines.reduce((sum, line) => sum + line.cents * line.count, 0), lines };
}

export function startApi(): Promise<string> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const { query, variables } = JSON.parse(body);
    const result = await graphql({ schema, source: query, variableValues: variables, rootValue: { basket } });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(result));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`));
  });
}
