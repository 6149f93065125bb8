'use strict';
const http2 = require('node:http2');

/** When the next ferry leaves. */
function next(origin, harbour) {
  return new Promise((resolve, reject) => {
    const session = http2.connect(origin);
    session.on('error', reject);
    const stream = session.request({ ':path': `/next?from=${harbour}` });
    let text = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk) => { text += chunk; });
    stream.on('end', () => resolve(text));
    stream.end();
  });
}

module.exports = { next };
