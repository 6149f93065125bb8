import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { Booking } from './booking';
import { type Order, Trail } from './trail';

const CABINS = 5000;
const source = new DataSource({ type: 'sqljs', entities: [Booking], synchronize: true });

async function book(order: Order): Promise<string[]> {
  const trail = new Trail(source, order);
  await source.getRepository(Booking).save({ cabin: order.cabin, by: order.agency });
  return trail.lines;
}

async function main(): Promise<void> {
  await source.initialize();
  let orders = 0;
  setInterval(async () => {
    const id = ++orders;
    const passengers = Array.from({ length: 12 + (id % 20) }, (_, at) => ({ name: `Passenger ${id}.${at}`, born: 1940 + ((id + at) % 80), meals: ['dinner', at % 2 ? 'breakfast' : 'coffee'] }));
    await book({ cabin: 1 + (id % CABINS), agency: `Agency ${id % 40}`, passengers });
  }, 20);
  console.log('ready');
}

main();
