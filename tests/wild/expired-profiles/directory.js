const TEAMS = ['billing', 'search', 'mobile', 'platform', 'support'];

export async function lookUp(session) {
  await new Promise((resolve) => setTimeout(resolve, 4));
  const number = parseInt(session.slice(-8), 16);
  return {
    id: number % 900,
    mail: `user${number % 900}@example.com`,
    team: TEAMS[number % TEAMS.length],
    rights: Array.from({ length: 16 }, (_, at) => ({ resource: `project/${(number + at) % 240}`, level: (number >> at) % 4 })),
    settings: { language: number % 2 ? 'de' : 'en', theme: 'dark', seen: Date.now() }
  };
}
