'use strict';
const http = require('http');
const { runTask } = require('./pool');

const server = http.createServer(async (req, res) => {
  const { output } = await runTask(req.url);
  res.end(output);
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
