'use strict';
const http = require('http');
const { setTimeout: sleep } = require('timers/promises');

let stop;
const shutdown = new Promise((resolve) => {
  stop = resolve;
});
process.once('SIGTERM', () => stop('shutting down'));

async function loadProfile(id) {
  await sleep(1);
  return { id, name: `user ${id}`, tags: Array.from({ length: 30 }, (_, k) => `tag-${id}-${k}`) };
}

async function handle(req, res) {
  const id = Number(req.url.slice(1));
  const profile = await Promise.race([loadProfile(id), shutdown]);
  res.end(JSON.stringify(profile));
}

const server = http.createServer(handle);
server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
