'use strict';
const { preview } = require('./previews');

let offers = 0;
let letters = 0;
setInterval(() => {
  letters += preview(++offers).length;
}, 1500);
console.log('ready');
