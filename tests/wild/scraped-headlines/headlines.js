const { papers } = require('./papers');
const { unseen } = require('./feeds');

const NAMES = ['coast-post', 'hill-herald', 'river-times', 'valley-mail'];
const latest = [];

async function poll(url) {
  const response = await fetch(url);
  for (const story of unseen(await response.text())) {
    latest.push(story);
    if (latest.length > 50) latest.shift();
  }
}

async function main() {
  const port = await papers();
  let turn = 0;
  setInterval(() => {
    turn += 1;
    poll(`http://127.0.0.1:${port}/${NAMES[turn % NAMES.length]}`).catch((error) => console.error(error.message));
  }, 110);
  console.log('ready');
}

main();
