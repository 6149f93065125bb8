'use strict';

const retries = [];

function deliver(order) {
  const payload = Buffer.from(JSON.stringify(order).repeat(20)).toString('base64');
  const attempt = () => fakePost(order.url, payload);
  const failed = !attempt();
  // a failed delivery is tried again by the nightly run, which only asks for the order's number
  if (failed) retries.push(() => order.number);
  return !failed;
}

function fakePost(url, body) {
  return url.startsWith('https://ok.') && body.length > 0;
}

module.exports = { deliver, retries };
