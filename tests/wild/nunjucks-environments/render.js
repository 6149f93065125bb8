'use strict';
const nunjucks = require('nunjucks');

const TEMPLATES = {
  'invoice.njk': 'Invoice {{ number }} for {{ customer | upper }}: {{ cents | money }}',
};

class Templates extends nunjucks.Loader {
  getSource(name) {
    return { src: TEMPLATES[name], path: name, noCache: false };
  }
}

const templates = new Templates();

// Each customer writes numbers and amounts as their country does.
function render(name, customer, values) {
  const env = new nunjucks.Environment(templates, { autoescape: true });
  env.addFilter('money', (cents) => new Intl.NumberFormat(customer.locale, { style: 'currency', currency: customer.currency }).format(cents / 100));
  env.addGlobal('customer', customer.name);
  return env.render(name, values);
}

module.exports = { render };
