import MiniSearch from 'minisearch';

/** What the staff at the counter search when somebody asks for a bag. */
export const bags = new MiniSearch({
  fields: ['label', 'description', 'whereabouts'],
  storeFields: ['label'],
  // Nobody at the counter should wait while the index is being tidied.
  autoVacuum: false,
});

export function scanned(bag) {
  if (bags.has(bag.id)) bags.replace(bag);
  else bags.add(bag);
}

export const find = (words) => bags.search(words, { prefix: true }).slice(0, 5);
