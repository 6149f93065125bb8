'use strict';
const mysql = require('mysql2');

const DOUBLE = 5;

/** Answers any question with one row, in the columns that it was asked for. */
function serve(ready) {
  const server = mysql.createServer();
  let id = 0;
  server.on('connection', (connection) => {
    connection.serverHandshake({
      protocolVersion: 10, serverVersion: '8.0.36', connectionId: ++id, statusFlags: 2, characterSet: 33,
      capabilityFlags: 0xffffff & ~0x800 & ~0x20, authCallback: (params, done) => {
        done(null);
        connection.sequenceId = 0;
      },
    });
    connection.on('error', () => {});
    connection.on('query', (sql) => {
      const names = [...sql.matchAll(/ AS (\w+)/g)].map(([, name]) => name);
      const columns = names.map((name) => ({
        catalog: 'def', schema: 'mill', table: 'readings', orgTable: 'readings', name, orgName: name,
        characterSet: 33, columnLength: 22, columnType: DOUBLE, flags: 0, decimals: 1,
      }));
      connection.writeTextResult([Object.fromEntries(names.map((name, n) => [name, 20.5 + n]))], columns);
      connection.sequenceId = 0;
    });
  });
  server.listen(0, '127.0.0.1', () => ready(server._server.address().port));
}

module.exports = { serve };
