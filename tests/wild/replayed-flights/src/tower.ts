import { Radar } from './radar';

const radar = new Radar();
let sweeps = 0;
let low = 0;

setInterval(() => {
  for (let n = 0; n < 3; n++) {
    const sweep = ++sweeps;
    const track = Array.from({ length: 30 }, (_, at) => ({ east: sweep * 0.5 + at, north: at * 0.25 }));
    radar.see({ flight: `LX ${sweep % 400}`, feet: (sweep * 137) % 39_000, track });
  }
}, 25);

// Somebody looks, and goes again.
setInterval(() => {
  const seen = radar.below(3000).subscribe(() => low++);
  setTimeout(() => seen.unsubscribe(), 300);
}, 1000);
console.log('ready');
