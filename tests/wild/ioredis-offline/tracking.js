'use strict';
const Redis = require('ioredis');

// Nobody listens at port 1: the server of this Redis is gone.
const redis = new Redis({ host: '127.0.0.1', port: 1, maxRetriesPerRequest: null, retryStrategy: () => 1000 });
redis.on('error', () => {});

function track(view) {
  redis.xadd('views', 'MAXLEN', '~', 10_000, '*', 'page', view.page, 'agent', view.agent, 'at', view.at).catch(() => {});
}

module.exports = { track };
