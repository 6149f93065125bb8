'use strict';
const DataLoader = require('dataloader');

async function fetchUsers(ids) {
  return ids.map((id) => ({ id, name: `User ${id}`, roles: ['reader'] }));
}

// One per request is what the documentation asks for.
const userLoader = new DataLoader(fetchUsers);

module.exports = { userLoader };
