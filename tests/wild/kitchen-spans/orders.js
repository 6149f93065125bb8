'use strict';
const { SpanStatusCode } = require('@opentelemetry/api');

const STATIONS = ['grill', 'cold', 'pastry', 'bar'];

/** Cooks an order: a span for each of its dishes. */
function cook(tracer, order) {
  for (let dish = 0; dish < 4; dish++) {
    const span = tracer.startSpan('dish', {
      attributes: {
        'order.id': `o-${order}`, 'order.table': order % 60, 'dish.number': dish, 'dish.station': STATIONS[(order + dish) % 4],
        'db.statement': `UPDATE dishes SET state = 'cooked', cooked_at = now() WHERE order_id = ${order} AND number = ${dish} RETURNING id, station, price`,
      },
    });
    span.addEvent('plated', { 'plate.temperature': 40 + ((order + dish) % 30) });
    span.setStatus({ code: SpanStatusCode.OK });
    span.end();
  }
}

module.exports = { cook };
