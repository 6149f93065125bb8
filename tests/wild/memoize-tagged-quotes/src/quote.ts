import { Memoize } from 'typescript-memoize';
import { perKilometre } from './tariffs';

export type Van = 'small' | 'large';

export interface Move {
  from: string;
  to: string;
  boxes: { label: string; litres: number }[];
}

/** What one move costs; lives as long as the customer's question. */
export class Quote {
  constructor(private readonly move: Move) {}

  @Memoize({ tags: ['tariff'] })
  trips(van: Van): { van: Van; boxes: { label: string; litres: number }[]; kilometres: number }[] {
    const room = van === 'small' ? 800 : 2400;
    const kilometres = 40 + 11 * (this.move.from.length + this.move.to.length);
    const trips = [{ van, boxes: [] as Move['boxes'], kilometres }];
    let litres = 0;
    for (const box of this.move.boxes) {
      if ((litres += box.litres) > room) trips.push({ van, boxes: [], kilometres }), (litres = box.litres);
      trips[trips.length - 1].boxes.push(box);
    }
    return trips;
  }

  price(van: Van): number {
    return this.trips(van).reduce((sum, trip) => sum + trip.kilometres * perKilometre(van), 0);
  }
}
