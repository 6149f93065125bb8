import { Liquid } from 'liquidjs';

/** The shops write their letters themselves; they lie in the database by the shop's number. */
function templateOf(name) {
  const shop = Number(name.split('/')[1]);
  const offers = Array.from({ length: 2 }, (_, at) => `{% if order.cents > ${at * 1000 + (shop % 900)} %}Offer ${at}: {{ order.city | upcase }} saves ${at + 3} %{% endif %}`);
  return `Shop ${shop}: thank you, {{ order.name }}!\n${offers.join('\n')}`;
}

const database = {
  readFileSync: templateOf,
  existsSync: () => true,
  containsSync: () => true,
  resolve: (root, name) => `shops/${name}`,
  dirname: () => 'shops',
  sep: '/',
};

const engine = new Liquid({ cache: 3000, fs: database, root: 'shops', relativeReference: false });

export function letter(shop, order) {
  return engine.renderFileSync(String(shop), { order });
}
