'use strict';
const i18next = require('i18next');

const texts = i18next.createInstance();
texts.init({
  fallbackLng: 'de',
  resources: {
    de: { translation: { table: 'An diesem Tisch: {{guests, list}}' } },
    it: { translation: { table: 'A questo tavolo: {{guests, list}}' } },
  },
  interpolation: { escapeValue: false },
});

const HOW = { guests: { style: 'long', type: 'conjunction' } };

/** What is on the card of a table. */
function card(language, guests) {
  return texts.t('table', { lng: language, guests, formatParams: HOW });
}

module.exports = { card };
