'use strict';
const Keyv = require('keyv');

// A page is good for two seconds.
const rendered = new Keyv({ ttl: 2000 });

function render(url) {
  const offers = Array.from({ length: 60 }, (_, at) => `<li>Offer ${at} of ${url}</li>`);
  return `<ul>${offers.join('\n')}</ul>`;
}

async function page(url) {
  const known = await rendered.get(url);
  if (known !== undefined) return known;
  const html = render(url);
  await rendered.set(url, html);
  return html;
}

module.exports = { page };
