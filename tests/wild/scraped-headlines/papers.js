const http = require('http');

const TOPICS = ['harbour', 'council', 'weather', 'football', 'theatre', 'railway', 'schools', 'market'];

function feed(paper, edition) {
  const items = Array.from({ length: 24 }, (_, at) => {
    const number = edition * 3 + at;
    const topic = TOPICS[number % TOPICS.length];
    const text = `<p>The ${topic} was the matter of the day in ${paper}, as number ${number} tells.</p>`.repeat(18);
    return `<item><guid isPermaLink="false">urn:${paper}:story:${number}</guid><title>News of the ${topic}, ${number}</title>`
      + `<link>https://${paper}.example/${topic}/${number}</link><description><![CDATA[${text}]]></description></item>`;
  });
  return `<?xml version="1.0"?><rss version="2.0"><channel><title>${paper}</title>${items.join('\n')}</channel></rss>`;
}

function papers() {
  const editions = new Map();
  const server = http.createServer((request, response) => {
    const paper = request.url.slice(1);
    const edition = (editions.get(paper) || 0) + 1;
    editions.set(paper, edition);
    response.setHeader('content-type', 'application/rss+xml');
    response.end(feed(paper, edition));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

module.exports = { papers };
