'use strict';
const moment = require('moment');
require('moment/locale/fr');

/** A date as the city likes it: those of the day itself have the time only. */
function said(date, city) {
  moment.updateLocale('fr', {
    calendar: { sameDay: `[${city}, à] LT`, lastDay: '[hier à] LT', sameElse: 'LL' },
    longDateFormat: { LT: city === 'Genève' ? 'HH.mm' : 'HH:mm' },
  });
  return moment(date).calendar();
}

module.exports = { said };
