'use strict';
const { I18n } = require('i18n');

const texts = new I18n({
  locales: ['en', 'de'],
  defaultLocale: 'en',
  staticCatalog: {
    en: { subject: 'Your parcel is on its way' },
    de: { subject: 'Ihr Paket ist unterwegs' },
  },
});

module.exports = { texts };
