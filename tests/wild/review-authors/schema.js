'use strict';
const { buildSchema } = require('graphql');
const database = require('./database');
const { authors, products } = require('./loaders');

const schema = buildSchema(`
  type Author { id: Int! name: String! city: String! badges: [String!]! bio: String! }
  type Product { id: Int! title: String! pages: Int! }
  type Review { id: Int! stars: Int! author: Author! product: Product! }
  type Query { reviews(product: Int!, newest: Int!): [Review!]! }
`);

schema.getQueryType().getFields().reviews.resolve = (_, { product, newest }) => database.reviews(product, newest);

const review = schema.getType('Review').getFields();
review.author.resolve = ({ author }) => authors.load(author);
review.product.resolve = ({ product }) => products.load(product);

module.exports = { schema };
