let id = 0;

export function nextBooking() {
  id += 1;
  return {
    id,
    room: `R${id % 60}`,
    starts: Date.now() + 1500 + (id % 5) * 400,
    guests: Array.from({ length: 8 }, (_, at) => ({ mail: `guest${(id * 13 + at) % 5000}@example.com`, answered: at % 2 === 0 })),
    agenda: Array.from({ length: 6 }, (_, at) => `Point ${at + 1} of meeting ${id}`)
  };
}
