'use strict';
const { rateLimit } = require('express-rate-limit');

/** Ten forecasts in eight seconds for each token. */
const limit = rateLimit({
  windowMs: 8_000,
  limit: 10,
  legacyHeaders: false,
  keyGenerator: (req) => req.get('authorization') ?? 'nobody',
});

module.exports = { limit };
