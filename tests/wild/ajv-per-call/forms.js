'use strict';
const Ajv = require('ajv').default;

const ajv = new Ajv({ allErrors: true });

const forms = {
  contact: { name: 'string', mail: 'string', message: 'string' },
  survey: { rating: 'integer', comment: 'string' },
};

function problems(form, answers) {
  const properties = Object.fromEntries(Object.entries(forms[form]).map(([field, type]) => [field, { type }]));
  const check = ajv.compile({ type: 'object', properties, required: [Object.keys(properties)[0]] });
  return check(answers) ? [] : check.errors;
}

module.exports = { problems };
