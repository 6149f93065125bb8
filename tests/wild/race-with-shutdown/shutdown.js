/** Settles when somebody wants this process to end. */
export const shutdown = new Promise((resolve) => {
  process.once('SIGTERM', () => resolve('SIGTERM'));
});

/** What a promise gives, or undefined if the process is to end before that. */
export async function unlessShutdown(promise) {
  const first = await Promise.race([promise, shutdown]);
  return first === 'SIGTERM' ? undefined : first;
}
