'use strict';
const { createHash } = require('node:crypto');

/** What some articles of a shop have brought in; prepared, as the planner takes its time. */
async function revenue(pool, shop, articles) {
  const text = `
    SELECT sum(o.cents * o.pieces) AS cents
    FROM orders o JOIN articles a ON a.id = o.article JOIN shops s ON s.id = o.shop
    WHERE o.shop = $1 AND o.returned IS NULL AND s.closed IS NULL AND a.id IN (${articles.join(', ')})
    GROUP BY o.shop HAVING count(*) > 0`;
  const name = `revenue_${createHash('sha1').update(text).digest('hex')}`;
  const { rows } = await pool.query({ name, text, values: [shop] });
  return rows[0].cents;
}

module.exports = { revenue };
