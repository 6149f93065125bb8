'use strict';
const { EventEmitter } = require('events');

const replies = new EventEmitter();

function ask(question, callback) {
  const order = { question, asked: Date.now(), attempts: new Array(8).fill(0) };
  replies.once(`reply:${order.question}`, (answer) => callback(order, answer));
}

module.exports = { ask, replies };
