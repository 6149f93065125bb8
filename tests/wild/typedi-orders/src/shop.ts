import 'reflect-metadata';
import { Container } from 'typedi';
import { Invoice, type Order } from './invoice';

function handle(order: Order): number {
  const scope = Container.of(order.id);
  scope.set('order', order);
  try {
    return scope.get(Invoice).total();
  } finally {
    scope.reset();
  }
}

let taken = 0;
let turnover = 0;
setInterval(() => {
  const id = ++taken;
  const lines = Array.from({ length: 3 + (id % 9) }, (_, at) => ({ article: `A-${(id + at) % 400}`, pieces: 1 + (at % 4), cents: 990 + at * 35 }));
  turnover += handle({ id, land: id % 2 ? 'NO' : 'SE', lines });
}, 10);
console.log('ready');
