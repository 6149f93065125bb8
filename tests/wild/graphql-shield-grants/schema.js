'use strict';
const { makeExecutableSchema } = require('@graphql-tools/schema');
const { applyMiddleware } = require('graphql-middleware');
const { permissions } = require('./permissions');

const purposes = ['a new roof', 'trees along the road', 'a ramp', 'books', 'a playground'];

const schema = applyMiddleware(makeExecutableSchema({
  typeDefs: `
    type Application { id: ID! office: String! amount: Int purpose: String }
    type Query { applications(after: Int!, first: Int!): [Application!]! }
  `,
  resolvers: {
    Query: {
      applications: (_, { after, first }) => Array.from({ length: first }, (x, at) => ({
        id: `A-${after + at}`, office: `office-${(after + at) % 12}`, amount: 500 * ((after + at) % 40), purpose: purposes[(after + at) % 5],
      })),
    },
  },
}), permissions);

module.exports = { schema };
