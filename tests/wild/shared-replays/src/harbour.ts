import { first } from 'rxjs/operators';
import { arrival, positions } from './ferries';

const FERRIES = ['Bruntal', 'Ida', 'Leda'];
let asked = 0;
let minutes = 0;

setInterval(() => {
  for (const ferry of FERRIES) positions.next({ ferry, metres: 9000 - (asked % 9000), at: Date.now() });
}, 200);

// A passenger asks once, and is told at the next position.
setInterval(() => {
  for (let n = 0; n < 1; n++) {
    arrival(FERRIES[++asked % 3], 12 + (asked % 5)).pipe(first()).subscribe((answer) => (minutes += answer.minutes));
  }
}, 8);
console.log('ready');
