import { createStore } from 'redux';
import undoable from 'redux-undo';
import { plan } from './plan';

export const store = createStore(undoable(plan));
