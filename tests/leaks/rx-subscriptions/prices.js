'use strict';
const { Subject } = require('rxjs');

exports.prices = new Subject();
