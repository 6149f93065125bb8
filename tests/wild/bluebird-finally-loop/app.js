'use strict';
const { watch } = require('./queues');

for (const name of ['mail', 'invoices', 'labels', 'pictures']) watch(name);
console.log('ready');
