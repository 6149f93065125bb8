'use strict';
const ShareDB = require('sharedb');
const { PlanArchive } = require('./archive');
const { Plans } = require('./plans');

const backend = new ShareDB({ db: new PlanArchive() });
const plans = new Plans(backend.connect());

let plan = 0;
let rooms = 0;
setInterval(async () => {
  const found = await plans.summary(`plan-${++plan}`);
  rooms += found.rooms;
}, 10);
console.log('ready');
