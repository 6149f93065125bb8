const TEAMS = ['Reds', 'Blues', 'Greens', 'Whites', 'Blacks', 'Golds'];

function report(number) {
  const home = TEAMS[number % 6];
  const away = TEAMS[(number + 1) % 6];
  return {
    number,
    match: `${home}-${away}`,
    minute: number % 90,
    score: [number % 4, (number >> 2) % 4],
    players: Array.from({ length: 8 }, (_, at) => ({ shirt: at + 1, distance: (number * (at + 3)) % 9000, fouls: (number + at) % 3 })),
    text: `Minute ${number % 90}: ${home} press on, ${away} hold the line near post ${number % 2}.`
  };
}

module.exports = { report };
