'use strict';

/** Streams the answer to a chat, word by word, as the model writes it somewhere else. */
function streams(subscriber) {
  return async (req, res) => {
    const chat = req.url.split('/')[2];
    let words = 0;

    const onWord = (message) => {
      const { word, done } = JSON.parse(message);
      if (done) {
        res.end(`event: done\ndata: ${JSON.stringify({ words })}\n\n`);
        return;
      }
      words++;
      res.write(`data: ${JSON.stringify({ word })}\n\n`);
    };

    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    await subscriber.subscribe(`answer:${chat}`, onWord);
    res.write(': listening\n\n');
  };
}

module.exports = { streams };
