'use strict';
// A loader for each request, as its documentation asks.
const http = require('node:http');
const DataLoader = require('dataloader');
const traffic = require('./traffic');

const fetchUsers = async (ids) => ids.map((id) => ({ id, name: `User ${id}` }));
const server = http.createServer(async (req, res) => {
  const users = new DataLoader(fetchUsers);
  const found = await users.loadMany([req.url, `${req.url}/boss`, `${req.url}/mate`]);
  res.end(JSON.stringify(found));
});
traffic(server, 60, (n) => `/${n}`);
