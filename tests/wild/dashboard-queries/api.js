const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const api = {
  async user(id) {
    await wait(3);
    return { id, mail: `user${id}@example.com`, widgets: Array.from({ length: 8 }, (_, at) => ({ kind: `chart-${at}`, at: [at % 3, at % 4] })) };
  },
  async alerts(id) {
    await wait(5);
    return Array.from({ length: 12 }, (_, at) => ({ id: `${id}-${at}`, level: at % 3, text: `Sensor ${(id + at) % 700} reads ${(id * at) % 90}` }));
  }
};
