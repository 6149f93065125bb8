'use strict';
const DataLoader = require('dataloader');
const database = require('./database');

/** Reviews come by the dozen: their authors and products are asked for in one query each. */
const authors = new DataLoader((ids) => database.find('authors', ids));
const products = new DataLoader((ids) => database.find('products', ids));

module.exports = { authors, products };
