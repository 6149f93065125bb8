'use strict';
// GraphQL whose documents are parsed and checked when they are first asked for, and kept: there are 60.
const http = require('node:http');
const { buildSchema, execute, parse, validate } = require('graphql');
const traffic = require('./traffic');

const fields = Array.from({ length: 60 }, (_, at) => `field${at}`);
const schema = buildSchema(`type Query { ${fields.map((field) => `${field}(id: Int): String`).join(' ')} }`);
const rootValue = Object.fromEntries(fields.map((field) => [field, ({ id }) => `${field} ${id}`]));
const documents = new Map();

function document(text) {
  if (!documents.has(text)) {
    const parsed = parse(text);
    if (validate(schema, parsed).length) throw new Error('not valid');
    documents.set(text, parsed);
  }
  return documents.get(text);
}

const server = http.createServer((req, res) => {
  const [, at, id] = req.url.split('/');
  const text = `query Q($id: Int) { ${fields[at]}(id: $id) __typename }`;
  const { data } = execute({ schema, rootValue, document: document(text), variableValues: { id: Number(id) } });
  res.end(JSON.stringify(data));
});
traffic(server, 30, (n) => `/${n % Math.min(60, 1 + Math.floor(n / 25))}/${n}`);
