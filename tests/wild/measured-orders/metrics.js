'use strict';
const measured = require('measured-core');

const kitchen = measured.createCollection('kitchen');

function served({ number, table, minutes }) {
  kitchen.counter('served').inc();
  kitchen.timer(`table.${table}.order.${number}`).update(minutes * 60_000);
}

module.exports = { kitchen, served };
