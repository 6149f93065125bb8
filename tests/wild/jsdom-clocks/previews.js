'use strict';
const { JSDOM } = require('jsdom');

const page = `<!doctype html><title>Offer</title><p id="left"></p><script>
  let left = 3600;
  setInterval(() => { document.getElementById('left').textContent = --left + ' seconds left'; }, 1000);
  document.getElementById('left').textContent = left + ' seconds left';
</script>`;

function preview(offer) {
  const dom = new JSDOM(page, { runScripts: 'dangerously', url: `https://offers.example.org/${offer}` });
  return dom.window.document.body.textContent.trim();
}

module.exports = { preview };
