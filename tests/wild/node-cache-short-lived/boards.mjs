import NodeCache from 'node-cache';

const boards = new NodeCache({ stdTTL: 12, checkperiod: 4, useClones: false });

function draw(platform, minute) {
  const trains = Array.from({ length: 25 }, (_, at) => ({ line: `R${(minute + at) % 40}`, to: `Terminus ${(at * 7) % 30}`, minute: minute + at * 3, platform }));
  return { platform, minute, trains };
}

/** The next trains from a platform; asked for by many within some seconds, and not later. */
export function boardOf(platform, minute) {
  const key = `${platform}@${minute}`;
  let board = boards.get(key);
  if (!board) {
    board = draw(platform, minute);
    boards.set(key, board);
  }
  return board;
}
