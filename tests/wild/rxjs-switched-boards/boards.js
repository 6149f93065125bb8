'use strict';
const Rx = require('rxjs');

const flights = new Rx.Subject();
const board = { line: '', shown: 0 };

// The newest flight is on the board, and blinks until the next one comes.
flights
  .switchMap((flight) => Rx.Observable.timer(0, 5).map((at) => ({ flight, lit: at % 2 === 0 })))
  .subscribe(({ flight, lit }) => {
    board.line = lit ? `${flight.number} gate ${flight.gate}` : '';
    board.shown++;
  });

module.exports = { board, announce: (flight) => flights.next(flight) };
