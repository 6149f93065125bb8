import { createInbox, JSONCodec, type NatsConnection } from 'nats';

export interface Ride { number: number; from: string; to: string; seats: number; notes: string[] }
export interface Offer { driver: string; minutes: number }

const rides = JSONCodec<Ride>();
const offers = JSONCodec<Offer>();

/** Asks all drivers, and takes whoever answers first. */
export function firstOffer(nc: NatsConnection, ride: Ride): Promise<Offer & { ride: Ride }> {
  return new Promise((resolve, reject) => {
    const inbox = createInbox();
    nc.subscribe(inbox, {
      callback: (error, message) => {
        if (error) reject(error);
        else resolve({ ...offers.decode(message.data), ride });
      },
    });
    nc.publish('rides.wanted', rides.encode(ride), { reply: inbox });
  });
}
