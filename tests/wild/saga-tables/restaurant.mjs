import { applyMiddleware, legacy_createStore as createStore } from 'redux';
import sagas from '@redux-saga/core';
import { hall } from './guests.mjs';

const TABLES = 40;
const state = { served: 0, free: TABLES };

function reduce(now = state, action) {
  if (action.type === 'hall/served') return { ...now, served: now.served + 1 };
  if (action.type === 'hall/guest') return { ...now, free: now.free - 1 };
  if (action.type === 'hall/free') return { ...now, free: now.free + 1 };
  return now;
}

const saga = (sagas.default ?? sagas)();
const store = createStore(reduce, applyMiddleware(saga));
saga.run(hall);

let number = 0;
setInterval(() => {
  number++;
  store.dispatch({ type: 'hall/guest', guest: { number, table: number % TABLES } });
  if (number > TABLES) store.dispatch({ type: 'hall/paid', number: number - TABLES });
}, 25);

let plates = 0;
setInterval(() => store.dispatch({ type: 'kitchen/ready', dish: `D${++plates % 90}` }), 1000);
console.log('ready');
