import { store } from './store';

let tick = 0;
let drawn = 0;

store.subscribe(() => {
  drawn += store.getState().present.pieces.length;
});

setInterval(() => {
  tick++;
  store.dispatch(tick % 3 ? { type: 'moved', by: tick % 4, at: tick % 40 } : { type: 'turned', at: tick % 40 });
}, 10);
console.log('ready');
