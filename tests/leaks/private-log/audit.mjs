export class Audit {
  static #entries = [];

  static record(actor, action) {
    const entry = new Entry(actor, action);
    Audit.#entries.push(entry);
    return Audit.#entries.length;
  }
}

class Entry {
  #actor;
  #action;

  constructor(actor, action) {
    this.#actor = { name: actor };
    this.#action = { name: action, at: Date.now() };
  }

  describe() {
    return `${this.#actor.name} ${this.#action.name}`;
  }
}
