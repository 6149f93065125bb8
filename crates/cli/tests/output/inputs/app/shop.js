class Ticket {
  constructor(number, buyer) {
    this.buyer = buyer;
    this.lines = new Array(200).fill(number);
  }
}

const tickets = new Map();

exports.sell = function sell(buyer) {
  tickets.set(tickets.size, new Ticket(tickets.size, buyer));
};
