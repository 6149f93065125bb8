'use strict';
const { createI18n } = require('vue-i18n');

/** The words of the restaurant, in the three languages of its guests. */
const i18n = createI18n({
  locale: 'en',
  fallbackLocale: 'en',
  messages: {
    en: { title: 'Menu of {day}', price: '{euro} euro', vegan: 'vegan', order: 'Order' },
    de: { title: 'Karte vom {day}', price: '{euro} Euro', vegan: 'vegan', order: 'Bestellen' },
    fr: { title: 'Carte du {day}', price: '{euro} euros', vegan: 'végétalien', order: 'Commander' },
  },
});

module.exports = { i18n };
