import { AsyncLocalStorage } from 'node:async_hooks';

const chapters = new AsyncLocalStorage();

class Chapter {
  notes = [];

  constructor(title, within) {
    this.title = title;
    this.within = within;
  }

  path() {
    return this.within ? `${this.within.title} / ${this.title}` : this.title;
  }
}

/** What `work` notes down stands in a chapter of its own, within that of who called. */
export function chapter(title, work) {
  return chapters.run(new Chapter(title, chapters.getStore()), work);
}

export function note(text, details) {
  const open = chapters.getStore();
  open.notes.push({ text: `${open.path()}: ${text}`, details });
}
