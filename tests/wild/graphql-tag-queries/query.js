'use strict';
const { execute } = require('graphql');
const gql = require('graphql-tag');

function query(schema, id, fields, rootValue) {
  const document = gql(`query { article(id: "${id}") { id ${fields.join(' ')} } }`);
  return execute({ schema, document, rootValue });
}

module.exports = { query };
