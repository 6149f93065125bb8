'use strict';
const { serve, unload } = require('./sorting');

serve((port) => {
  let parcel = 0;
  let sorted = 0;
  setInterval(async () => {
    const parcels = [++parcel, ++parcel, ++parcel];
    sorted += (await unload(port, parcels)).length;
  }, 35);
  console.log('ready');
});
