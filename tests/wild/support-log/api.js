'use strict';
const express = require('express');
const { logger, lately } = require('./logging');

const api = express();

api.use((req, res, next) => {
  const started = process.hrtime.bigint();
  res.on('finish', () => {
    const ms = Number(process.hrtime.bigint() - started) / 1e6;
    logger.info(`${req.method} ${req.originalUrl}`, res.statusCode, `${ms.toFixed(1)} ms`, req.get('user-agent'));
  });
  next();
});

api.get('/subscriptions/:number', (req, res) => {
  const number = Number(req.params.number);
  logger.debug(`Subscription ${number} is looked up for ${req.get('x-desk')}`, { plan: number % 4, renewals: number % 12 });
  res.json({ number, plan: ['day', 'week', 'month', 'year'][number % 4], paid: number % 9 !== 0 });
});

api.get('/support/log', (req, res) => res.type('text').send(lately().join('\n')));

module.exports = { api };
