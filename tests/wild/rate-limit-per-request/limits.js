'use strict';
const rateLimit = require('express-rate-limit');

const PLANS = { free: 60, club: 600, press: 6000 };

// How much somebody may ask for depends on the plan.
exports.limited = (req, res, next) => {
  const limit = rateLimit({ windowMs: 15 * 60_000, max: PLANS[req.get('x-plan')] });
  limit(req, res, next);
};
