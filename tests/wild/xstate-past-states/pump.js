'use strict';
const { Machine, assign, interpret } = require('xstate');

const level = assign({ level: (context, event) => event.level });
const machine = Machine({
  id: 'pump',
  initial: 'idle',
  context: { level: 0 },
  states: {
    idle: { on: { LEVEL: [{ target: 'pumping', cond: (context, event) => event.level > 60, actions: level }, { actions: level }] } },
    pumping: { on: { LEVEL: [{ target: 'idle', cond: (context, event) => event.level < 20, actions: level }, { actions: level }] } },
  },
});
const service = interpret(machine).start();

exports.pump = {
  read(level) {
    return service.send({ type: 'LEVEL', level, at: new Date() }).value;
  },
};
