'use strict';
const grpc = require('@grpc/grpc-js');

const write = (value) => Buffer.from(JSON.stringify(value));
const read = (bytes) => JSON.parse(bytes);
const Lane = {
  path: '/post.Sorting/Lane', requestStream: false, responseStream: false,
  requestSerialize: write, requestDeserialize: read, responseSerialize: write, responseDeserialize: read,
};
const Sorting = grpc.makeGenericClientConstructor({ Lane }, 'Sorting');

function serve(ready) {
  const server = new grpc.Server();
  server.addService({ Lane }, { Lane: (call, answer) => answer(null, { lane: call.request.parcel % 24 }) });
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    server.start();
    ready(port);
  });
}

/** A connection for the parcels of one van, closed when all of them have a lane. */
async function unload(port, parcels) {
  const sorting = new Sorting(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const lane = (parcel) =>
    new Promise((resolve, reject) => sorting.Lane({ parcel }, (error, answer) => (error ? reject(error) : resolve(answer.lane))));
  try {
    return await Promise.all(parcels.map(lane));
  } finally {
    sorting.close();
  }
}

module.exports = { serve, unload };
