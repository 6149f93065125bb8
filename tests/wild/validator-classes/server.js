'use strict';
const { check } = require('./forms');

const FIELDS = [
  { name: 'child', kind: 'text' },
  { name: 'parent', kind: 'email' },
  { name: 'age', kind: 'number' },
  { name: 'allergies', kind: 'text', optional: true },
];

let n = 0;
let refused = 0;
setInterval(() => {
  const answers = { child: `Child ${++n}`, parent: n % 9 ? `p${n}@example.org` : 'none', age: n % 12 };
  refused += check(FIELDS, answers).length;
}, 20);
console.log('ready');
