import { setTimeout as rest } from 'node:timers/promises';

export const carriers = ['ferry', 'rail', 'coach'].map((name, n) => ({
  name,
  /** What the carrier would take for a trip. */
  async ask(trip) {
    await rest(5 + ((trip * (n + 2)) % 20));
    const departures = Array.from({ length: 12 }, (_, at) => ({ at: `${6 + at}:${10 + ((trip + at) % 50)}`, seats: (trip * at) % 60, cents: 900 + ((trip * 13 + at * 70) % 8000) }));
    return { carrier: name, trip, departures };
  },
}));
