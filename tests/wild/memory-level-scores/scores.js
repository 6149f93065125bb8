'use strict';
const { MemoryLevel } = require('memory-level');

const scores = new MemoryLevel({ valueEncoding: 'json' });

const put = (game, player, points, trail) => scores.put(`${game}:${player}`, { points, trail });

/** The first of a game by name who has more than so many points. */
async function firstAbove(game, points) {
  const players = scores.iterator({ gte: `${game}:`, lt: `${game};` });
  for (;;) {
    const entry = await players.next();
    if (entry === undefined) return undefined;
    const [key, score] = entry;
    if (score.points > points) return key.slice(game.length + 1);
  }
}

module.exports = { put, firstAbove };
