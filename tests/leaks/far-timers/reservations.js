'use strict';

const HOLD_HOURS = 72;

class Reservation {
  constructor(seat, customer) {
    this.seat = seat;
    this.customer = customer;
    this.history = [{ at: Date.now(), what: 'held' }];
  }

  release() {
    this.history.push({ at: Date.now(), what: 'released' });
  }
}

function hold(seat, customer) {
  const reservation = new Reservation(seat, customer);
  setTimeout(() => reservation.release(), HOLD_HOURS * 3600e3);
  return reservation;
}

module.exports = { hold };
