'use strict';
const Q = require('q');

class NotSent extends Error {
  constructor(visit, why) {
    super(`The reminder of a visit in ${visit.room} was not sent: ${why}`);
    this.visit = visit;
  }
}

/** Sends a short message to a patient, a day before the visit. */
function remind(visit) {
  const deferred = Q.defer();
  setImmediate(() => {
    if (visit.phone) deferred.resolve(visit.patient);
    else deferred.reject(new NotSent(visit, 'there is no phone number'));
  });
  return deferred.promise;
}

module.exports = { remind };
