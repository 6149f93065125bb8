import { createServer } from 'node:http';

const SERVICES = ['economy', 'standard', 'express', 'saturday', 'evening', 'parcel-shop', 'two-man', 'return'];

function offers(url) {
  const weight = Number(url.searchParams.get('grams'));
  return SERVICES.map((service, at) => ({
    service,
    cents: 390 + at * 120 + Math.ceil(weight / 100) * 7,
    days: Math.max(1, 5 - at),
    pickUp: { from: `0${7 + (at % 3)}:30`, until: `1${4 + (at % 4)}:00` },
    surcharges: ['fuel', 'island', 'bulky'].map((kind) => ({ kind, cents: (weight * (at + 3)) % 97 }))
  }));
}

export function carrier() {
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://carrier.local');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ offers: offers(url) }));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`)));
}
