'use strict';
const http = require('node:http');
const express = require('express');
const { publish } = require('./tours');

const app = express();
app.use(express.json());

// The editors' tool saves a tour whenever somebody stops typing.
app.put('/editor/:slug', (req, res) => {
  publish(app, { slug: req.params.slug, ...req.body });
  res.status(204).end();
});

const server = app.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true });
  let saved = 0;
  setInterval(() => {
    const slug = ['fjords', 'harbours', 'old-town', 'islands'][++saved % 4];
    const days = Array.from({ length: 40 }, (_, day) => `Day ${day + 1}: ${saved % 90} km along the coast, night at house no. ${saved + day}`);
    const options = { agent, port: server.address().port, method: 'PUT', path: `/editor/${slug}`, headers: { 'content-type': 'application/json' } };
    http.request(options, (res) => res.resume()).on('error', () => {}).end(JSON.stringify({ title: `Tour ${slug}`, days }));
  }, 20);
  console.log('ready');
});
