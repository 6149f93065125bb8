/** The question that the app of the canteens asks: of a week, for the budget of one guest. */
export function question(visit) {
  const monday = Date.UTC(2024, 0, 1) + Math.floor(visit / 40) * 604_800_000;
  const days = Array.from({ length: 5 }, (_, n) => new Date(monday + n * 86_400_000).toISOString().slice(0, 10));
  const menus = days.map((day, n) => `d${n}: menu(canteen: ${visit % 40}, day: "${day}") { day dishes(under: ${500 + (visit % 700)}) { id name cents allergens } }`);
  return `{ ${menus.join('\n  ')} }`;
}
