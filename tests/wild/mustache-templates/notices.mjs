import Mustache from 'mustache';

export class Notices {
  #sent = 0;

  constructor(footer) {
    this.footer = footer;
  }

  // The text of a notice is written by the one who sends it, and may have fields.
  send(text, reader) {
    const body = Mustache.render(`${text}\n{{> footer}}`, reader, { footer: this.footer });
    this.#sent += body.length;
    return body;
  }
}
