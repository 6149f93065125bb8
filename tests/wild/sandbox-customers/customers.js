'use strict';
const { faker } = require('@faker-js/faker');

/** Customers that no two callers of the sandbox get twice. */
function customers(count) {
  return Array.from({ length: count }, () => ({
    id: faker.helpers.unique(faker.datatype.uuid),
    email: faker.helpers.unique(faker.internet.email),
    name: faker.name.fullName(),
    wallet: faker.helpers.unique(faker.finance.bitcoinAddress),
    phone: faker.phone.number(),
    city: faker.address.city(),
  }));
}

module.exports = { customers };
