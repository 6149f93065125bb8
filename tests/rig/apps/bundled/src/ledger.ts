export class Booking {
  readonly lines: { seat: number; amount: number }[];

  constructor(seats: number) {
    this.lines = Array.from({ length: seats }, (_, seat) => ({ seat, amount: seat * 100 }));
  }
}

export class Ledger {
  readonly bookings = new Map<string, Booking>();

  book(seats: number): void {
    this.bookings.set(`booking ${this.bookings.size}`, new Booking(seats));
  }
}
