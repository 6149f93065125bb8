'use strict';

/** The parcels of a driver's zone that are still here, the heaviest first. */
function openFor(parcels, { driver, zone, shift }) {
  const view = parcels.addDynamicView(`${driver}-${shift}`, { persistent: true });
  view.applyFind({ zone });
  view.applyWhere((parcel) => !parcel.delivered);
  view.applySimpleSort('grams', true);
  return view.data();
}

module.exports = { openFor };
