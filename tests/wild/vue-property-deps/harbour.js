'use strict';
const { effect, reactive } = require('@vue/reactivity');

const boats = reactive({});
const radio = reactive({ calling: '' });
let heard = '';

// Who calls on the radio is shown with the berth that the boat has now.
effect(() => {
  const boat = boats[radio.calling];
  heard = boat ? `${radio.calling} at berth ${boat.berth}` : 'silence';
});

module.exports = {
  enter: (name, boat) => (boats[name] = boat),
  call: (name) => (radio.calling = name),
  leave: (name) => delete boats[name],
  heard: () => heard,
};
