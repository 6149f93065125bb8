import { cacheExchange, createClient, fetchExchange, type Client } from '@urql/core';

let client: Client | undefined;

export function graphql(url: string): Client {
  client ??= createClient({ url, exchanges: [cacheExchange, fetchExchange] });
  return client;
}
