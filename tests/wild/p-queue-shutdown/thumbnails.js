import PQueue from 'p-queue';

const stopping = new AbortController();
const queue = new PQueue({ concurrency: 8 });

process.once('SIGINT', async () => {
  stopping.abort(new Error('the service stops'));
  await queue.onIdle();
  process.exit(0);
});

/** Scales a picture down, as soon as it is its turn and unless the service stops. */
export function thumbnail(picture) {
  return queue.add(
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { id: picture.id, width: 160, height: Math.round((picture.height / picture.width) * 160) };
    },
    { signal: stopping.signal },
  );
}
