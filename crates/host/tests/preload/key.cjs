'use strict';
const keypair = require(process.argv[3]);
console.log(JSON.stringify(keypair()));
