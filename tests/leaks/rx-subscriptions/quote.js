'use strict';
const { filter } = require('rxjs');
const { prices } = require('./prices');

class Quote {
  constructor(symbol) {
    this.symbol = symbol;
    this.history = [];
    prices.pipe(filter((price) => price > 0.5)).subscribe((price) => this.update(price));
  }

  update(price) {
    this.last = price;
  }

  render() {
    return `${this.symbol}: ${this.last ?? 'unknown'}`;
  }
}

exports.Quote = Quote;
