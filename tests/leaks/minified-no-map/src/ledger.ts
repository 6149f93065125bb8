export class Booking {
  readonly lines: { path: string; amount: number }[];
  constructor(path: string) {
    this.lines = Array.from({ length: 10 }, (_, amount) => ({ path, amount }));
  }
}

export class Ledger {
  bookings = new Map<string, Booking>();

  book(path: string) {
    this.bookings.set(path, new Booking(path));
    return this.bookings.size;
  }
}
