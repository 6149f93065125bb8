'use strict';
const { texts } = require('./texts');

function letter(parcel, locale) {
  const subject = texts.__({ phrase: 'subject', locale });
  const body = texts.__({
    phrase: `Dear customer, parcel ${parcel.number} left our depot in ${parcel.depot} at ${parcel.left} and is to be with you on ${parcel.day}. Please keep the code ${parcel.code} at hand, the courier will ask for it at the door.`,
    locale,
  });
  return { subject, body };
}

module.exports = { letter };
