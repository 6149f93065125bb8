import { atom, createStore } from 'jotai/vanilla';
import { atomFamily } from 'jotai/vanilla/utils';

const store = createStore();
const prices = atom({ apples: 3.2, bread: 4.5, cheese: 7.9, dates: 5.1 });
const articles = Object.keys(store.get(prices));

const totalOf = atomFamily((wanted) => atom((get) => wanted.reduce((sum, article) => sum + get(prices)[article], 0)));

/** What a basket costs at the prices of today. */
export function total(basket) {
  return store.get(totalOf(basket.lines.map((line) => articles[line % articles.length])));
}

export function raise(percent) {
  store.set(prices, (now) => Object.fromEntries(Object.entries(now).map(([article, price]) => [article, price * (1 + percent / 100)])));
}
