import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';

/** The bank's sandbox: knows no card but those that a shop has made for its trial. */
export const bank = setupServer(
  http.post('https://bank.example/charges', () => HttpResponse.json({ error: 'no such card' }, { status: 404 })),
);

export function trialCard({ number, limit, shop }) {
  const charges = [];
  bank.use(
    http.post('https://bank.example/charges', async ({ request }) => {
      const charge = await request.json();
      if (charge.card !== number) return;
      charges.push(charge);
      const spent = charges.reduce((sum, { cents }) => sum + cents, 0);
      return HttpResponse.json({ shop, accepted: spent <= limit, left: Math.max(0, limit - spent) });
    }),
  );
}
