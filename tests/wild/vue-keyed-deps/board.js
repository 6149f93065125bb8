'use strict';
const { effect, reactive, ref } = require('@vue/reactivity');

const parcels = reactive(new Map());
const newest = ref('');
let line = '';

// What is shown above the board is written anew whenever the newest parcel is another one.
effect(() => {
  const parcel = parcels.get(newest.value);
  line = parcel ? `${newest.value} at bay ${parcel.bay}` : 'nothing yet';
});

function arrived(id, parcel) {
  parcels.set(id, parcel);
  newest.value = id;
}

function left(id) {
  parcels.delete(id);
}

module.exports = { arrived, left, banner: () => line };
