import { defineStore } from 'pinia';

/** The basket of one kiosk visit. */
export const basketOf = (visit) => defineStore(`basket/${visit}`, {
  state: () => ({ lines: [], coupon: null, startedAt: Date.now() }),
  getters: {
    cents: (state) => state.lines.reduce((sum, { cents, pieces }) => sum + cents * pieces, 0),
  },
  actions: {
    scan(article) {
      const line = this.lines.find(({ sku }) => sku === article.sku);
      if (line) line.pieces++;
      else this.lines.push({ ...article, pieces: 1 });
    },
  },
});
