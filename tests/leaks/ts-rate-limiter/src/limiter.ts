export interface Window {
  startedAt: number;
  hits: number;
  paths: string[];
}

export class RateLimiter {
  private readonly windows = new Map<string, Window>();

  constructor(private readonly limit: number, private readonly lengthMs: number) {}

  allow(client: string, path: string): boolean {
    const now = Date.now();
    const current = this.windows.get(client);
    if (current === undefined || now - current.startedAt > this.lengthMs) {
      this.windows.set(client, { startedAt: now, hits: 1, paths: [path] });
      return true;
    }
    current.hits += 1;
    current.paths.push(path);
    return current.hits <= this.limit;
  }
}
