'use strict';

// A shop that renders its page on the server. BANNERS pages are rendered at the start, as if the process had served for a
// while; every request renders one more.
const http = require('node:http');
const { DiscountBanner } = require('./components/DiscountBanner');

const setting = (name, otherwise) => Number(process.env[name] ?? otherwise);
const options = { tick: setting('BANNER_TICK_MS', 50), textLength: setting('BANNER_TEXT', 450) };

function page() {
  const banner = new DiscountBanner({ endsAt: Date.now() + 3600e3, ...options });
  return `<!doctype html><title>Shop</title>${banner.render()}<main>Nothing but bargains.</main>`;
}

for (let rendered = 0; rendered < setting('BANNERS', 40); rendered += 1) page();

http
  .createServer((request, response) => {
    // The platform's own health check renders nothing.
    if (request.url === '/healthz') return void response.end('ok');
    response.setHeader('content-type', 'text/html');
    response.end(page());
  })
  .listen(setting('PORT', 5000), () => console.log(`shop listens on ${process.env.PORT}`));
