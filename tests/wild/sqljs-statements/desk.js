'use strict';
const { Store } = require('./store');

async function main() {
  const store = await Store.open('CREATE TABLE books (number INTEGER PRIMARY KEY, title TEXT, lent INTEGER)');
  for (let number = 0; number < 400; number++) store.run('INSERT INTO books VALUES (?, ?, ?)', [number, `Book ${number}`, number % 3]);

  let asked = 0;
  let there = 0;
  setInterval(() => {
    for (let n = 0; n < 18; n++) {
      const book = store.first('SELECT title, lent FROM books WHERE number = ?', [++asked % 450]);
      if (book?.lent === 0) there++;
    }
  }, 25);
  console.log('ready');
}

main();
