'use strict';
const circuitBreaker = require('opossum');

// The office that knows the rates fails now and then.
async function ask({ customer, country }) {
  if (customer % 17 === 0) throw new Error(`no answer for ${country}`);
  return { customer, rate: 19 + (customer % 3) };
}

function rate(question) {
  const breaker = circuitBreaker(ask, { timeout: 500, resetTimeout: 30_000 });
  breaker.fallback(() => ({ customer: question.customer, rate: 20 }));
  return breaker.fire(question);
}

module.exports = { rate };
