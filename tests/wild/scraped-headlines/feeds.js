const cheerio = require('cheerio');

const seen = new Set();

function unseen(xml) {
  const $ = cheerio.load(xml, { xml: true });
  const fresh = [];
  $('item').each((_, element) => {
    const item = $(element);
    const guid = item.children('guid').text();
    if (seen.has(guid)) return;
    seen.add(guid);
    fresh.push({ guid, title: item.children('title').text(), link: item.children('link').text() });
  });
  return fresh;
}

module.exports = { unseen };
