import http from 'node:http';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { resolvers, typeDefs } from './schema.js';
import { question } from './app.js';

const apollo = new ApolloServer({ typeDefs, resolvers });
const { url } = await startStandaloneServer(apollo, { listen: { host: '127.0.0.1', port: 0 } });

const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
let visit = 0;
setInterval(() => {
  const headers = { 'Content-Type': 'application/json' };
  http.request(url, { agent, headers, method: 'POST' }, (res) => res.resume())
    .on('error', () => {})
    .end(JSON.stringify({ query: question(++visit) }));
}, 80);
console.log('ready');
