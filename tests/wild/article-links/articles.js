'use strict';
const http = require('node:http');
const { clean } = require('./clean');

const SITES = ['news.example', 'garden.example', 'boats.example'];

const server = http.createServer(async (req, res) => {
  let text = '';
  for await (const chunk of req.setEncoding('utf8')) text += chunk;
  res.setHeader('Content-Type', 'text/html');
  res.end(clean(JSON.parse(text)));
});

function written(number) {
  const sentence = `In week ${number % 52} the council heard from ${number} of those who live along the canal, and put off what it had meant to decide. `;
  const links = [`https://${SITES[number % 3]}/canal/${number}`, `https://canal.example/minutes/${number}`];
  return links.map((href) => `<p onclick="go()">${sentence.repeat(40)}<a href="${href}">More</a></p>`).join('\n');
}

server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let number = 7000;
  setInterval(() => {
    const article = { number: ++number, site: SITES[number % 3], html: written(number) };
    const options = { agent, method: 'POST', host: '127.0.0.1', port: server.address().port, path: '/articles' };
    http.request(options, (res) => res.resume()).on('error', () => {}).end(JSON.stringify(article));
  }, 80);
  console.log('ready');
});
