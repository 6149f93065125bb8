'use strict';
const http = require('http');
const { userLoader } = require('./loaders');

const server = http.createServer(async (req, res) => {
  const user = await userLoader.load(req.url.slice(1));
  res.end(JSON.stringify(user));
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
