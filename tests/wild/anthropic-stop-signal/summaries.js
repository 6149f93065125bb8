'use strict';
const Anthropic = require('@anthropic-ai/sdk');

// Aborted when the process is told to end, so that no request outlives it.
const stopping = new AbortController();
process.once('SIGTERM', () => {
  stopping.abort();
  setTimeout(() => process.exit(), 500);
});

let client;

function open(baseURL) {
  client = new Anthropic({ apiKey: 'local', baseURL, maxRetries: 0 });
}

async function summary(letter) {
  const messages = [{ role: 'user', content: `Sum this up in one line:\n${letter}` }];
  const answer = await client.messages.create({ model: 'local', max_tokens: 60, messages }, { signal: stopping.signal });
  return answer.content[0].text;
}

module.exports = { open, summary };
