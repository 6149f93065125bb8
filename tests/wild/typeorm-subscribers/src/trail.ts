import type { DataSource, EntitySubscriberInterface, UpdateEvent } from 'typeorm';
import { Booking } from './booking';

export interface Order {
  cabin: number;
  agency: string;
  passengers: { name: string; born: number; meals: string[] }[];
}

/** Writes down who changed a booking. There is one for each order, since only that knows its agency. */
export class Trail implements EntitySubscriberInterface<Booking> {
  readonly lines: string[] = [];

  constructor(source: DataSource, private readonly order: Order) {
    source.subscribers.push(this);
  }

  listenTo(): typeof Booking {
    return Booking;
  }

  afterUpdate({ entity }: UpdateEvent<Booking>): void {
    if (entity?.cabin === this.order.cabin) this.lines.push(`${this.order.agency}: ${this.order.passengers.length} passengers`);
  }
}
