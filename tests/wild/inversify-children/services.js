'use strict';
const { Container } = require('inversify');

const root = new Container();
root.bind('Greeting').toConstantValue('Good day');

/** The services of one request. */
function scope(request) {
  const container = new Container({ parent: root });
  container.bind('Request').toConstantValue(request);
  container.bind('Greeter').toDynamicValue(({ get }) => () => `${get('Greeting')}, ${get('Request').url}`);
  return container;
}

module.exports = { scope };
