'use strict';
const { Annotation, BatchRecorder, ExplicitContext, Tracer } = require('zipkin');

let reported = 0;

const recorder = new BatchRecorder({ logger: { logSpan: () => reported++ } });
const tracer = new Tracer({ ctxImpl: new ExplicitContext(), recorder, localServiceName: 'tickets' });

/** A reservation is a span from when it is made until it is paid, which may be never. */
function reserved(show, seats) {
  const id = tracer.createRootId();
  tracer.letId(id, () => {
    tracer.recordAnnotation(new Annotation.LocalOperationStart('reservation'));
    tracer.recordBinary('show', show);
    for (const seat of seats) tracer.recordBinary(`seat.${seat}`, 'held');
  });
  return id;
}

function paid(id) {
  tracer.letId(id, () => tracer.recordAnnotation(new Annotation.LocalOperationStop()));
}

module.exports = { reserved, paid };
