import { Quote, type Van } from './quote';
import { reload } from './tariffs';

const CITIES = ['Oslo', 'Tromsø', 'Hamar', 'Bodø'];
let asked = 0;
let sum = 0;

// A customer asks what it costs to move house.
setInterval(() => {
  asked++;
  const boxes = Array.from({ length: 60 }, (_, at) => ({ label: `box ${at} of house ${asked}`, litres: 40 + (at % 30) }));
  const quote = new Quote({ from: CITIES[asked % 4], to: CITIES[(asked + 1) % 4], boxes });
  const vans: Van[] = ['small', 'large'];
  sum += Math.min(...vans.map((van) => quote.price(van)));
}, 20);

// The prices of fuel come twice a day.
setInterval(reload, 12 * 3600 * 1000);
console.log('ready');
