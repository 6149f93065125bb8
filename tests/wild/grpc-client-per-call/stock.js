'use strict';
const grpc = require('@grpc/grpc-js');

const write = (value) => Buffer.from(JSON.stringify(value));
const read = (bytes) => JSON.parse(bytes);
const Count = {
  path: '/stock.Stock/Count', requestStream: false, responseStream: false,
  requestSerialize: write, requestDeserialize: read, responseSerialize: write, responseDeserialize: read,
};
const Stock = grpc.makeGenericClientConstructor({ Count }, 'Stock');

function serve(ready) {
  const server = new grpc.Server();
  server.addService({ Count }, { Count: (call, answer) => answer(null, { left: call.request.article % 40 }) });
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    server.start();
    ready(port);
  });
}

function left(port, article) {
  const stock = new Stock(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  return new Promise((resolve, reject) => {
    stock.Count({ article }, (error, answer) => {
      stock.close();
      if (error) reject(error);
      else resolve(answer.left);
    });
  });
}

module.exports = { serve, left };
