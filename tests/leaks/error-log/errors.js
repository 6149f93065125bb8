'use strict';

class ValidationError extends Error {
  constructor(field, value) {
    super(`${field} is not valid`);
    this.field = field;
    this.value = value;
  }
}

const reported = new Map();

function report(error) {
  const list = reported.get(error.field) ?? [];
  list.push(error);
  reported.set(error.field, list);
}

module.exports = { ValidationError, report };
