import { RateLimiterMemory } from 'rate-limiter-flexible';

const perCard = new RateLimiterMemory({ keyPrefix: 'turnstile', points: 3, duration: 8 });

/** Whether a card may pass: three times in eight seconds, and not more. */
export async function mayPass(card) {
  try {
    const { remainingPoints } = await perCard.consume(card);
    return remainingPoints >= 0;
  } catch {
    return false;
  }
}
