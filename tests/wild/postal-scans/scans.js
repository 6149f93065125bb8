'use strict';
const postal = require('postal');

const scans = postal.channel('scans');

/** Everybody who wants to know where a parcel is hears of it under the parcel's own topic. */
function scanned(parcel, place) {
  scans.publish(`parcel.${parcel}.${place}`, { at: Date.now(), place });
}

function onDelivered(handle) {
  return scans.subscribe('parcel.*.delivered', handle);
}

module.exports = { onDelivered, scanned };
