'use strict';
const loglevel = require('loglevel');

class Device {
  constructor(serial, firmware) {
    this.firmware = firmware;
    this.log = loglevel.getLogger(`device:${serial}`);
    this.log.setLevel(firmware < 3 ? 'info' : 'silent');
  }

  report(celsius) {
    if (celsius > 90) this.log.debug(`hot: ${celsius}`);
    return celsius < 95;
  }
}

module.exports = { Device };
