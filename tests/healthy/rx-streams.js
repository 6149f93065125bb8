'use strict';
// Subscriptions that end by themselves.
const { Subject, interval, takeUntil, timer, scan, bufferTime } = require('rxjs');

const readings = new Subject();
readings.pipe(bufferTime(500)).subscribe(() => {});
readings.pipe(scan((sum, one) => sum + one.value, 0)).subscribe(() => {});
let n = 0;
setInterval(() => readings.next({ sensor: ++n % 40, value: n % 7 }), 10);
setInterval(() => {
  interval(100).pipe(takeUntil(timer(2000))).subscribe((tick) => readings.next({ sensor: 99, value: tick }));
}, 100);
console.log('ready');
