import { bags, find, scanned } from './index.js';

const colours = ['black', 'navy', 'burgundy', 'olive', 'silver', 'orange', 'turquoise'];
const kinds = ['suitcase', 'backpack', 'holdall', 'pushchair', 'guitar case', 'golf bag', 'ski sack'];
const halls = ['carousel', 'customs', 'sorting hall', 'trolley train', 'oversize desk', 'cold store'];
const extras = ['with a ribbon on the handle', 'with a broken zip and tape', 'with two stickers of mountains', 'without a name tag'];

let scan = 0;
setInterval(() => {
  for (let n = 0; n < 6; n++) {
    scan++;
    const id = Math.floor(600 * Math.random() ** 2);
    scanned({
      id,
      label: `BA${100000 + id}`,
      description: `${colours[id % 7]} ${kinds[(id >> 2) % 7]} ${extras[id % 4]}`,
      whereabouts: `${halls[scan % 6]} gate ${scan % 40} belt ${(scan >> 3) % 16} shift ${(scan >> 9) % 3}`,
    });
  }
  if (scan % 300 === 0) find(`${colours[scan % 7]} BA1004`);
}, 20);
setInterval(() => console.log(`${bags.documentCount} bags`), 60_000).unref();
console.log('ready');
