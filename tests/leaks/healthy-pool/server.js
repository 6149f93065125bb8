'use strict';
const http = require('http');
const { EventEmitter } = require('events');

class Connection extends EventEmitter {
  constructor(number) {
    super();
    this.number = number;
    this.statements = new Map();
    this.buffer = Buffer.alloc(1024);
  }

  async query(sql) {
    this.statements.set(sql, (this.statements.get(sql) ?? 0) + 1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    return [{ sql, by: this.number }];
  }
}

class Pool {
  #idle = [];
  #made = 0;

  async use(work) {
    const connection = this.#idle.pop() ?? new Connection(++this.#made);
    try {
      return await work(connection);
    } finally {
      this.#idle.push(connection);
    }
  }
}

const pool = new Pool();

const server = http.createServer(async (req, res) => {
  const onError = () => res.destroy();
  const rows = await pool.use(async (connection) => {
    connection.on('error', onError);
    const result = await connection.query(`select * from t${req.url.length}`);
    connection.off('error', onError);
    return result;
  });
  res.end(JSON.stringify(rows));
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
