const stopping = new AbortController();

process.once('SIGUSR2', () => stopping.abort(new Error('The node is drained')));

export const { signal } = stopping;
