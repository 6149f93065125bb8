import { call, fork, put, take, takeEvery } from '@redux-saga/core/effects';

function waiting(guest) {
  return { guest, wishes: Array.from({ length: 30 }, (_, at) => ({ course: at, dish: `D${(guest.number * 3 + at) % 90}`, without: at % 4 ? [] : ['nuts'] })) };
}

/** Serves what the kitchen brings, as long as it is of this guest's order. */
function* serve(order) {
  while (true) {
    const { dish } = yield take('kitchen/ready');
    const served = order.wishes.some((wish) => wish.dish === dish);
    if (served) yield put({ type: 'hall/served', number: order.guest.number });
  }
}

function* stay({ guest }) {
  const order = yield call(waiting, guest);
  yield fork(serve, order);
  yield take((action) => action.type === 'hall/paid' && action.number === guest.number);
  yield put({ type: 'hall/free', table: guest.table });
}

export function* hall() {
  yield takeEvery('hall/guest', stay);
}
