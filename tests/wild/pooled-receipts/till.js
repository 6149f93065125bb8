const { sendReceipt } = require('./mailer');
const { postOffice } = require('./post');

async function main() {
  const port = await postOffice();
  const shops = ['bakery', 'bookshop', 'florist', 'grocer'].map((name, at) => ({ name, since: 1990 + at, smtp: { host: '127.0.0.1', port } }));
  let number = 0;
  setInterval(() => {
    number += 1;
    const lines = Array.from({ length: 5 }, (_, at) => ({ wording: (number + at) % 260, amount: `${number % 90}.00`, article: `article ${at}` }));
    sendReceipt(shops[number % shops.length], { number, to: `customer${number}@example.com`, lines })
      .catch((error) => console.error(error.message));
  }, 220);
  console.log('ready');
}

main();
