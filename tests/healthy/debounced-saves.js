'use strict';
// Each document is saved a while after its last change: as many timers as documents that are being edited.
const documents = new Map(Array.from({ length: 400 }, (_, id) => [id, { id, text: 'Once upon a time', saved: 0 }]));
const pending = new Map();

function changed(id) {
  clearTimeout(pending.get(id));
  pending.set(id, setTimeout(() => {
    pending.delete(id);
    documents.get(id).saved++;
  }, 2000));
}

let n = 0;
setInterval(() => {
  for (let k = 0; k < 5; k++) changed((n += 7919) % 400);
}, 20);
console.log('ready');
