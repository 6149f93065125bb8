const http = require('http');
const express = require('express');
const { login, passport } = require('./login');
const { tenants } = require('./tenants');

const app = express();
app.use(passport.initialize());
app.get('/login/:tenant', login());

const server = app.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const names = [...tenants.keys()];
  const { port } = server.address();
  let logins = 0;
  setInterval(() => {
    for (let at = 0; at < 3; at += 1) {
      logins += 1;
      http.get({ port, host: '127.0.0.1', path: `/login/${names[logins % names.length]}`, agent }, (response) => response.resume());
    }
  }, 14);
  console.log('ready');
});
