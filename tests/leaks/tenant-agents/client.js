'use strict';
const https = require('https');

const agents = {};

function agentFor(tenant) {
  agents[tenant] ??= new https.Agent({ keepAlive: true, maxSockets: 4, ca: `-- ca of ${tenant} --` });
  return agents[tenant];
}

module.exports = { agentFor };
