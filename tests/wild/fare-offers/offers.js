import pTimeout, { TimeoutError } from 'p-timeout';
import { carriers } from './carriers.js';
import { signal } from './shutdown.js';

/** The cheapest departure; who does not answer in time is left out. */
export async function cheapest(trip) {
  const answers = await Promise.all(carriers.map(async (carrier) => {
    try {
      return await pTimeout(carrier.ask(trip), { milliseconds: 800, signal });
    } catch (error) {
      if (error instanceof TimeoutError) return { departures: [] };
      throw error;
    }
  }));
  return answers.flatMap(({ departures }) => departures).sort((a, b) => a.cents - b.cents)[0];
}
