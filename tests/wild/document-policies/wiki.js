'use strict';
const http = require('node:http');
const { Document } = require('./models');
const { abilities } = require('./policies');

/** The rows that the search index has for a team: they are not read from the database again. */
function found(teamId, words) {
  return Array.from({ length: 8 }, (_, n) => ({ id: teamId * 100 + n, title: `${words} ${n}`, teamId, archivedAt: n === 7 ? new Date(0) : null }));
}

const server = http.createServer((req, res) => {
  const { searchParams } = new URL(req.url, 'http://wiki');
  const user = { id: Number(searchParams.get('user')), teamId: Number(searchParams.get('user')) % 90, admin: false };
  const documents = Document.scope({ method: ['ofTeam', user.teamId, user.id] }).bulkBuild(found(user.teamId, searchParams.get('q')), { isNewRecord: false });
  res.setHeader('Content-Type', 'application/json');
  res.end(JSON.stringify(documents.map((document) => ({ id: document.id, title: document.title, abilities: abilities(user, document) }))));
});

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let user = 0;
  setInterval(() => {
    const path = `/search?user=${++user % 4000}&q=${['leave', 'deploy', 'invoice'][user % 3]}`;
    http.get({ agent, host: '127.0.0.1', port: server.address().port, path }, (res) => res.resume()).on('error', () => {});
  }, 16);
  console.log('ready');
});
