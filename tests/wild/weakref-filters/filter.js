/** A reader's question, made ready; two who ask the same at the same time share one. */
export class Filter {
  static known = new Map();

  static of(question) {
    const key = JSON.stringify(question);
    let filter = Filter.known.get(key)?.deref();
    if (!filter) {
      filter = new Filter(question);
      Filter.known.set(key, new WeakRef(filter));
    }
    return filter;
  }

  constructor({ from, words }) {
    this.from = from;
    this.shelves = new Set(words.map((word) => word.length % 40));
  }

  matches(book) {
    return book.year >= this.from && this.shelves.has(book.shelf);
  }
}
