import { Cron } from 'croner';

export class Reminders {
  #jobs = new Map();

  constructor(send) {
    this.send = send;
  }

  add(booking) {
    const job = Cron('* * * * * *', { name: `booking-${booking.id}`, maxRuns: 20 }, () => {
      if (booking.starts - Date.now() < 1000) this.send(booking);
    });
    this.#jobs.set(booking.id, job);
  }

  done(booking) {
    this.#jobs.get(booking.id)?.stop();
    this.#jobs.delete(booking.id);
  }

  get size() {
    return this.#jobs.size;
  }
}
