'use strict';
const alasql = require('alasql');

alasql('CREATE TABLE prices (article INT, shop STRING, cents INT)');
for (let article = 0; article < 40; article++) alasql('INSERT INTO prices VALUES (?, ?, ?)', [article, `shop ${article % 4}`, 90 + article * 13]);

function cheaperThan(cents, article) {
  return alasql(`SELECT shop, cents FROM prices WHERE cents < ${Number(cents)} AND article = ${Number(article)}`);
}

module.exports = { cheaperThan };
