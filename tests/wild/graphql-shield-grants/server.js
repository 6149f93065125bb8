'use strict';
const { graphql } = require('graphql');
const { schema } = require('./schema');

const contextValue = { offices: new Set(Array.from({ length: 12 }, (_, at) => `office-${at}`)) };

const source = 'query page($after: Int!) { applications(after: $after, first: 30) { id office amount purpose } }';

let after = 1;
let euros = 0;

async function page() {
  const { data, errors } = await graphql({ schema, source, variableValues: { after }, contextValue });
  if (errors) throw errors[0];
  after += 30;
  for (const application of data.applications) euros += application.amount;
}

setInterval(() => page().catch((error) => console.error(error.message)), 35);
console.log('ready');
