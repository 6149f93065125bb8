import { filter, map, type Observable, ReplaySubject } from 'rxjs';

export interface Echo {
  flight: string;
  feet: number;
  track: { east: number; north: number }[];
}

/** Who looks at the screen first sees the last ten seconds. */
export class Radar {
  private readonly echoes = new ReplaySubject<Echo>(Number.POSITIVE_INFINITY, 10_000);

  see(echo: Echo): void {
    this.echoes.next(echo);
  }

  below(feet: number): Observable<string> {
    return this.echoes.pipe(
      filter((echo) => echo.feet < feet),
      map((echo) => echo.flight),
    );
  }
}
