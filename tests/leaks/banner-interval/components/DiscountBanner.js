'use strict';

class DiscountBanner {
  constructor(product) {
    this.product = product;
    this.endsAt = Date.now() + product.discountHours * 3600e3;
    this.discountTimeLeft = '';
    this.updateTimeLeft();

    // keep the countdown fresh
    this.timer = setInterval(() => {
      this.updateTimeLeft();
    }, 20);
  }

  updateTimeLeft() {
    const left = Math.max(0, this.endsAt - Date.now());
    const hours = Math.floor(left / 3600e3);
    const minutes = Math.floor(left / 60e3) % 60;
    const seconds = Math.floor(left / 1000) % 60;
    this.discountTimeLeft += `${hours} hours, ${minutes} minutes, ${seconds} seconds left\n`;
  }

  render() {
    return `<div class="discount">${this.product.name}: ${this.discountTimeLeft}</div>`;
  }
}

module.exports = { DiscountBanner };
