'use strict';
const { bureau } = require('./bureau');
const { Scoring } = require('./scoring');

const listening = bureau.listen(0, '127.0.0.1', () => {
  const scoring = new Scoring(`http://127.0.0.1:${listening.address().port}`);
  let n = 0;
  let granted = 0;
  let refused = 0;
  setInterval(async () => {
    const accounts = Array.from({ length: 120 }, (_, at) => ({ iban: `NL${++n}BANK${at}`, cents: ((n * 37) % 9000) - 2000 }));
    try {
      if (await scoring.decide({ person: `p-${n}`, accounts })) granted++;
      else refused++;
    } catch (error) {
      console.error(error.message);
    }
  }, 125);
  console.log('ready');
});
