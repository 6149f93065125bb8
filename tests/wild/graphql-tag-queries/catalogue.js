'use strict';
const { buildSchema } = require('graphql');

exports.schema = buildSchema('type Article { id: ID, name: String, price: Float, stock: Int } type Query { article(id: ID!): Article }');
exports.article = ({ id }) => ({ id, name: `Article ${id}`, price: 9.5, stock: 3 });
