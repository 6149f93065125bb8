'use strict';
const Repository = require('./Repository');

class OrderRepository extends Repository {
  constructor() {
    super('orders');
    this.queries = 0;
  }

  hydrate(row) {
    this.queries++;
    return { ...row, lines: [{ sku: `sku-${row.id}`, quantity: 1 }] };
  }
}

module.exports = new OrderRepository();
