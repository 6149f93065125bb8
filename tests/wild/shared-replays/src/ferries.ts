import { Observable, Subject } from 'rxjs';
import { filter, map, shareReplay } from 'rxjs/operators';

export interface Position {
  ferry: string;
  metres: number;
  at: number;
}

export const positions = new Subject<Position>();

/** Where a ferry is, and when it will be at the pier; the last answer is there for who asks later. */
export function arrival(ferry: string, knots: number): Observable<{ minutes: number }> {
  return positions.pipe(
    filter((position) => position.ferry === ferry),
    map(({ metres }) => ({ minutes: Math.round(metres / (knots * 30.9)) })),
    shareReplay(1),
  );
}
