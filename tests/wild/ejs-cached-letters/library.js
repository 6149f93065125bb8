'use strict';
const { letter } = require('./letters');

const branches = ['North', 'Harbour', 'Old Town'];
let id = 0;
let characters = 0;

setInterval(() => {
  const loans = Array.from({ length: 1 + (++id % 4) }, (_, book) => ({ title: `Book ${(id * 3 + book) % 900}`, due: `${1 + (id % 28)} May` }));
  const data = { id, branch: branches[id % 3], member: { name: `Member ${id % 5000}` }, loans };
  characters += letter(id % 3 ? 'reminder' : 'arrived', data).length;
}, 30);
console.log('ready');
