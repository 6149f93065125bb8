'use strict';

// Written for the browser, where the page's end ends its timers. Rendered on the server nothing ever does: each
// instance is held by its own timer for as long as the process lives.
class DiscountBanner {
  constructor({ endsAt, tick = 50, textLength = 450 }) {
    this.endsAt = endsAt;
    this.countdown = '';
    this.timer = setInterval(() => {
      this.countdown += this.line(textLength);
    }, tick);
  }

  line(length) {
    const seconds = Math.max(0, Math.round((this.endsAt - Date.now()) / 1000));
    const text = ['<li>Only ', seconds, ' s left, as of ', new Date().toISOString(), '</li>'];
    while (text.length * 10 < length) text.push(Math.random().toString(36).slice(2, 12).padEnd(10, '-'));
    return text.join('');
  }

  render() {
    return `<aside class="discount"><ul>${this.line(0)}</ul></aside>`;
  }
}

module.exports = { DiscountBanner };
