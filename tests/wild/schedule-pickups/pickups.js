'use strict';
const schedule = require('node-schedule');

/** Calls for the van when a parcel has been packed. */
class Pickups {
  called = 0;

  after(seconds, parcel) {
    schedule.scheduleJob(new Date(Date.now() + seconds * 1000), () => this.call(parcel));
  }

  call(parcel) {
    this.called += parcel.pieces.length;
  }
}

module.exports = { Pickups };
