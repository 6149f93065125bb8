import { Subject, groupBy, map, mergeMap, takeWhile, toArray } from 'rxjs';

/** Each time that a parcel is held under a scanner. */
export const scans = new Subject();

/** The way that a parcel has come; told when it is at the door. */
export const ways = scans.pipe(
  groupBy((scan) => scan.parcel),
  mergeMap((parcel) =>
    parcel.pipe(
      takeWhile((scan) => scan.place !== 'door', true),
      toArray(),
      map((way) => ({ parcel: parcel.key, places: way.map((scan) => scan.place), minutes: way.at(-1).minute - way[0].minute })),
    ),
  ),
);
