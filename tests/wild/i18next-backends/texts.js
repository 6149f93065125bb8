'use strict';
const { createInstance } = require('i18next');
const Backend = require('i18next-http-backend');

const texts = { de: 'Willkommen', fr: 'Bienvenue', nl: 'Welkom' };

// In place of a server that has the texts.
function request(options, url, payload, done) {
  const language = url.split('/')[2];
  done(null, { status: 200, data: JSON.stringify({ title: texts[language] }) });
}

async function translator(language) {
  const i18n = createInstance().use(Backend);
  await i18n.init({ lng: language, fallbackLng: false, backend: { request } });
  return i18n.t;
}

module.exports = { translator };
