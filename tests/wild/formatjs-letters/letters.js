'use strict';
const { createIntl } = require('@formatjs/intl');

const intl = createIntl({ locale: 'en', onError() {} });

function letter({ name, parcels, due }) {
  return intl.formatMessage({
    id: 'due',
    defaultMessage: `Dear ${name}, {parcels, plural, one {a parcel waits} other {# parcels wait}} for you until {due, date, medium}.`,
  }, { parcels, due });
}

module.exports = { letter };
