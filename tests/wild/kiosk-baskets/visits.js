import { basketOf } from './basket.js';

export class Visits {
  #pinia;
  #open = new Map();

  constructor(pinia) {
    this.#pinia = pinia;
  }

  start(visit) {
    this.#open.set(visit, basketOf(visit)(this.#pinia));
  }

  scan(visit, article) {
    this.#open.get(visit).scan(article);
  }

  /** What is to be paid; the kiosk is free for the next customer. */
  finish(visit) {
    const basket = this.#open.get(visit);
    const { cents } = basket;
    this.#open.delete(visit);
    basket.$dispose();
    return cents;
  }
}
