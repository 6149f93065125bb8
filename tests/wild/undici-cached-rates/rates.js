import { Agent, interceptors, request } from 'undici';

const dispatcher = new Agent().compose(interceptors.cache());

/** The exchange rates of a bank, which may be a second old. */
export async function rates(origin, bank) {
  const { body } = await request(`${origin}/rates/${bank}`, { dispatcher });
  return body.json();
}
