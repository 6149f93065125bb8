'use strict';
const { router } = require('./roads');

let kilometres = 0;

async function main() {
  const route = await router();
  let trip = 0;
  setInterval(async () => {
    const number = ++trip;
    // Who is ill today is not collected.
    const stops = Array.from({ length: 9 }, (_, at) => [9.8 + ((number * 7 + at) % 50) / 500, 46.9 + ((number + at * 3) % 40) / 400]);
    const { distance } = await route(stops.filter((_, at) => (number + at) % 11));
    kilometres += distance / 1000;
  }, 110);
  console.log('ready');
}

main();
