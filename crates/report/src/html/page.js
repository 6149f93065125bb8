// The Comparison: any two snapshots of the series, sorted by any column, filtered by class. What is shown is kept in the
// address (#from=1&to=6&by=5&only=Map), so that a link shows the same. Names reach the page as text, never as markup.
(() => {
  const embedded = document.getElementById('data');
  if (!embedded) return;
  const { snapshots, names, pairs } = JSON.parse(embedded.textContent);
  const $ = (id) => document.getElementById(id);
  const table = $('rows');

  const columns = [
    { title: 'Constructor', value: (row) => names[row[0]], text: (name) => name },
    { title: '# New', value: (row) => row[1], text: count },
    { title: '# Deleted', value: (row) => row[2], text: count },
    { title: '# Delta', value: (row) => row[1] - row[2], text: signed(count), trend: true },
    { title: 'Alloc. Size', value: (row) => row[3], text: size },
    { title: 'Freed Size', value: (row) => row[4], text: size },
    { title: 'Size Delta', value: (row) => row[3] - row[4], text: signed(size), trend: true },
  ];

  function signed(text) {
    return (number) => (number > 0 ? '+' : number < 0 ? '−' : '') + text(Math.abs(number));
  }

  const state = fromAddress();

  function fromAddress() {
    const hash = addressed();
    const number = (key, otherwise, least, most) => {
      const value = Number.parseInt(hash.get(key), 10);
      return value >= least && value <= most ? value : otherwise;
    };
    return {
      from: number('from', 1, 1, snapshots.length) - 1,
      to: number('to', snapshots.length, 1, snapshots.length) - 1,
      by: number('by', 3, 0, columns.length - 1),
      up: hash.has('up'),
      only: hash.get('only') ?? '',
    };
  }

  for (const key of ['from', 'to']) {
    snapshots.forEach((name, at) => $(key).add(new Option(name, at)));
    $(key).addEventListener('change', () => change({ [key]: Number($(key).value) }));
  }
  $('only').addEventListener('input', () => change({ only: $('only').value }));

  const heads = document.createElement('tr');
  columns.forEach((column, at) => {
    const button = document.createElement('button');
    button.textContent = column.title;
    button.type = 'button';
    button.addEventListener('click', () => change({ by: at, up: state.by === at ? !state.up : at === 0 }));
    const head = document.createElement('th');
    head.scope = 'col';
    head.append(button);
    heads.append(head);
  });
  table.tHead.append(heads);

  function change(to) {
    Object.assign(state, to);
    const { from, to: target, by, up, only } = state;
    toAddress({ from: from + 1, to: target + 1, by, up: up ? 'yes' : '', only });
    show();
  }

  /** The pair as asked for; the other way round, what was new is deleted. */
  function compared() {
    const find = (from, to) => pairs.find((pair) => pair.from === from && pair.to === to);
    const there = find(state.from, state.to);
    if (there) return there;
    const back = find(state.to, state.from);
    return back && { ...back, rows: back.rows.map(([name, n, d, a, f]) => [name, d, n, f, a]) };
  }

  function show() {
    const pair = compared();
    $('from').value = state.from;
    $('to').value = state.to;
    if (document.activeElement !== $('only')) $('only').value = state.only;
    const { value } = columns[state.by];
    const wanted = state.only.toLowerCase();
    const rows = (pair?.rows ?? []).filter((row) => names[row[0]].toLowerCase().includes(wanted));
    const order = (a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0);
    rows.sort((a, b) => (state.up ? order(a, b) : order(b, a)));
    [...heads.cells].forEach((head, at) => {
      const sorted = state.up ? 'ascending' : 'descending';
      head.setAttribute('aria-sort', at === state.by ? sorted : 'none');
      head.firstChild.textContent = columns[at].title + (at === state.by ? (state.up ? ' ▲' : ' ▼') : '');
    });
    table.tBodies[0].replaceChildren(...rows.map(line));
    $('shown').textContent = said(pair, rows.length);
  }

  function said(pair, shown) {
    if (state.from === state.to) return 'choose two different snapshots';
    if (!pair) return 'the object ids of these two mean different objects: they cannot be compared';
    const more = pair.left_out ? `, ${count(pair.left_out)} that hardly changed are left out` : '';
    return `${count(shown)} of ${count(pair.rows.length)} classes${more}`;
  }

  function line(row) {
    const tr = document.createElement('tr');
    for (const column of columns) {
      const cell = document.createElement('td');
      const value = column.value(row);
      cell.textContent = column.text(value);
      if (column.trend && value) cell.className = value > 0 ? 'up' : 'down';
      tr.append(cell);
    }
    return tr;
  }

  addEventListener('hashchange', () => {
    Object.assign(state, fromAddress());
    show();
  });
  show();
})();
