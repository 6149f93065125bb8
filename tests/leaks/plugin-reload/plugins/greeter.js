'use strict';

const phrases = ['Hello', 'Hi', 'Good day', 'Welcome'].flatMap((word) => Array.from({ length: 10 }, (_, k) => `${word}${'!'.repeat(k)}`));

exports.greet = (name) => `${phrases[name.length % phrases.length]} ${name}`;
