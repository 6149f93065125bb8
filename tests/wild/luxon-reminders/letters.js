'use strict';
const { DateTime } = require('luxon');

const SIGNED = { en: 'The clinic', sv: 'Kliniken', nl: 'De kliniek' };

/** What a patient reads on the telephone before a visit. */
function reminder({ patient, doctor, language, visit }, now) {
  const when = visit.toRelativeCalendar({ base: now, locale: language, unit: 'days' });
  const time = visit.setLocale(language).toFormat('HH:mm');
  return [patient, doctor, when, time, SIGNED[language]].join(' · ');
}

function visitOf(days, minutes) {
  return DateTime.fromObject({ year: 2024, month: 3, day: 4, hour: 8 }).plus({ days, minutes });
}

module.exports = { reminder, visitOf };
