import { createSelector } from 'reselect';

/** The readings between two rows of the table, as they are on the screen. */
export const visibleRows = createSelector(
  [(state) => state.readings, (state, from) => from, (state, from, to) => to],
  (readings, from, to) => readings.slice(from, to),
);
