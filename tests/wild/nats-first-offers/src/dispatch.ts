import { connect } from 'nats';
import { drivers } from './drivers.js';
import { firstOffer } from './offers.js';

const places = ['station', 'old town', 'airport', 'hospital', 'campus', 'fair'];
let minutes = 0;

async function main(): Promise<void> {
  const nc = await connect({ servers: `127.0.0.1:${await drivers()}` });
  let number = 0;
  setInterval(() => {
    number++;
    const ride = {
      number,
      from: places[number % 6],
      to: places[(number * 5 + 1) % 6],
      seats: 1 + (number % 4),
      notes: Array.from({ length: 8 }, (_, at) => `stop ${at} of ride ${number}: ${places[(number + at) % 6]}`),
    };
    firstOffer(nc, ride).then((offer) => (minutes += offer.minutes), (error) => console.error(error.message));
  }, 12);
  console.log('ready');
}

main();
