'use strict';
const { createBatchingExecutor } = require('@graphql-tools/batch-execute');
const { parse } = require('graphql');
const { remote } = require('./remote');

const BOOK = parse('query Book($id: ID!) { book(id: $id) { title authors { name } copies } }');
const execute = createBatchingExecutor(remote);

async function book(id) {
  const { data } = await execute({ document: BOOK, variables: { id }, operationType: 'query' });
  return data.book;
}

module.exports = { book };
