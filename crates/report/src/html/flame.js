// The flame graphs, drawn as icicles: callers above whom they call, each as wide as what it cost. A click or Enter makes a call as
// wide as the page; what is looked for is marked. Both are kept in the address (#cpu=17&cpu-find=render), so that a link shows
// the same. Names reach the page as text, never as markup.
'use strict';
(() => {
  const UNITS = { bytes: size, microseconds: time };
  const OWNERS = ['program', 'package', 'inner'];
  /** What is narrower cannot be seen, and what is narrower than a few letters has none. In px. */
  const NARROWEST = 1;
  const NARROWEST_NAME = 26;

  for (const kind of ['heap', 'cpu']) {
    const embedded = document.getElementById(`${kind}-calls`);
    if (embedded) draw(kind, JSON.parse(embedded.textContent));
  }

  function draw(kind, { unit, functions, calls }) {
    const $ = (id) => document.getElementById(`${kind}-${id}`);
    const [graph, find, whole, found, facts] = ['graph', 'find', 'whole', 'found', 'facts'].map($);
    const shown = UNITS[unit];
    const [NAME, PACKAGE, PLACE, OWNER] = [0, 1, 2, 3];
    const words = functions.map((one) => one.slice(0, OWNER).join(' ').toLowerCase());
    const nodes = calls.map(([of, own, total, caller]) => ({ of, own, total, caller, callees: [], level: 0 }));
    nodes.forEach((node, at) => {
      if (at === 0) return;
      nodes[node.caller].callees.push(at);
      node.level = nodes[node.caller].level + 1;
    });
    for (const { callees } of nodes) callees.sort((a, b) => nodes[b].total - nodes[a].total);
    const all = nodes[0].total;
    /** The call that is as wide as the page, the one that the keyboard is at, and what is looked for. */
    const state = { zoomed: 0, at: 0, wanted: '' };
    /** The elements by call, in the order of rows and in them from the left. */
    let drawn = new Map();

    function fromAddress() {
      const hash = addressed();
      const at = Number.parseInt(hash.get(kind), 10);
      state.zoomed = at >= 0 && at < nodes.length ? at : 0;
      state.at = state.zoomed;
      state.wanted = hash.get(`${kind}-find`) ?? '';
      if (document.activeElement !== find) find.value = state.wanted;
    }

    function show() {
      const width = graph.clientWidth;
      const callers = [];
      for (let at = nodes[state.zoomed].caller; at >= 0; at = nodes[at].caller) callers.push(at);
      const scale = width / nodes[state.zoomed].total;
      drawn = new Map();
      for (const at of callers.reverse()) drawn.set(at, element(at, 0, width, true));
      // Row by row, so that the order in which they are read is that in which they are seen.
      let row = [[state.zoomed, 0]];
      while (row.length) {
        const below = [];
        for (const [at, left] of row) {
          drawn.set(at, element(at, left, nodes[at].total * scale, false));
          let inner = left;
          for (const callee of nodes[at].callees) {
            const wide = nodes[callee].total * scale;
            if (wide >= NARROWEST) below.push([callee, inner]);
            inner += wide;
          }
        }
        row = below;
      }
      const deepest = Math.max(...[...drawn.keys()].map((at) => nodes[at].level));
      const rows = document.createElement('div');
      rows.setAttribute('role', 'none');
      rows.style.height = `calc(${deepest + 1} * var(--row))`;
      rows.append(...drawn.values());
      graph.replaceChildren(rows);
      whole.disabled = state.zoomed === 0;
      mark();
      stand(drawn.has(state.at) ? state.at : state.zoomed);
    }

    function element(at, left, width, isAbove) {
      const node = nodes[at];
      const of = functions[node.of];
      const it = document.createElement('div');
      it.className = `call ${OWNERS[of[OWNER]]}${isAbove ? ' above' : ''}`;
      it.style.left = `${left}px`;
      it.style.width = `${Math.max(width - 1, NARROWEST)}px`;
      it.style.top = `calc(${node.level} * var(--row))`;
      it.dataset.at = at;
      it.tabIndex = -1;
      it.setAttribute('role', 'treeitem');
      it.setAttribute('aria-level', node.level + 1);
      it.setAttribute('aria-label', [of[NAME], of[PACKAGE], of[PLACE], costs(node)].filter(Boolean).join(', '));
      if (width >= NARROWEST_NAME) it.textContent = label(of);
      return it;
    }

    /** The name, or of a function without one where it is: below its package, or the end of the path. */
    function label(of) {
      if (of[NAME] !== '(anonymous)' || !of[PLACE]) return of[NAME];
      const parts = of[PLACE].split('/');
      const below = parts.lastIndexOf('node_modules') + 1;
      return parts.slice(below || -2).join('/');
    }

    function costs({ own, total }) {
      const itself = own === total ? 'all by itself' : `${shown(own)} by itself`;
      return `${shown(total)}, ${share(total)}; ${itself}`;
    }

    function share(part) {
      return `${((100 * part) / all).toFixed(1)} %`;
    }

    /** Marks what is looked for, and says how much of all it is: a call within another one that was found counts with that one. */
    function mark() {
      const wanted = state.wanted.trim().toLowerCase();
      const has = words.map((text) => wanted !== '' && text.includes(wanted));
      for (const [at, it] of drawn) it.classList.toggle('found', has[nodes[at].of]);
      graph.classList.toggle('searched', wanted !== '');
      const within = [];
      let sum = 0;
      nodes.forEach(({ of, total, caller }, at) => {
        within.push(at > 0 && (within[caller] || has[nodes[caller].of]));
        if (has[of] && !within[at]) sum += total;
      });
      const number = new Set(nodes.map(({ of }) => of).filter((of) => has[of])).size;
      const functionsFound = number === 1 ? '1 function' : `${count(number)} functions`;
      found.textContent = wanted === '' ? '' : number === 0 ? 'nothing found' : `${functionsFound}, ${shown(sum)}, ${share(sum)}`;
    }

    /** Says all that is known of a call. */
    function tell(at) {
      const of = functions[nodes[at].of];
      const name = document.createElement('b');
      name.textContent = of[NAME];
      const place = document.createElement('code');
      place.textContent = of[PLACE];
      const cost = document.createElement('span');
      cost.textContent = costs(nodes[at]);
      facts.replaceChildren(name, of[PACKAGE] ? ` ${of[PACKAGE]} ` : ' ', place, cost);
    }

    /** The call that Tab comes to. */
    function stand(at) {
      drawn.get(state.at)?.setAttribute('tabindex', -1);
      state.at = at;
      drawn.get(at).tabIndex = 0;
      tell(at);
    }

    function zoom(at, hasFocus) {
      state.zoomed = at;
      state.at = at;
      toAddress({ [kind]: at || '' });
      show();
      // The callers stay above, where one can scroll to them.
      graph.scrollTop = Math.max(0, drawn.get(at).offsetTop - 2 * drawn.get(at).offsetHeight);
      if (hasFocus) drawn.get(at).focus({ preventScroll: true });
    }

    /** The nearest call in a direction. */
    function beside(at, key) {
      if (key === 'ArrowUp') return nodes[at].caller;
      if (key === 'ArrowDown') return nodes[at].callees.find((callee) => drawn.has(callee));
      const row = [...drawn.keys()].filter((other) => nodes[other].level === nodes[at].level);
      return row[row.indexOf(at) + (key === 'ArrowLeft' ? -1 : 1)];
    }

    const callOf = (event) => {
      const it = event.target.closest('.call');
      return it ? Number(it.dataset.at) : undefined;
    };
    graph.addEventListener('click', (event) => {
      const at = callOf(event);
      if (at !== undefined) zoom(at, true);
    });
    graph.addEventListener('mouseover', (event) => tell(callOf(event) ?? state.at));
    graph.addEventListener('mouseleave', () => tell(state.at));
    graph.addEventListener('focusin', (event) => {
      const at = callOf(event);
      if (at !== undefined) stand(at);
    });
    graph.addEventListener('keydown', (event) => {
      const at = callOf(event);
      if (at === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Enter' || event.key === ' ') zoom(at, true);
      else if (event.key === 'Escape') zoom(0, true);
      else if (event.key.startsWith('Arrow')) drawn.get(beside(at, event.key))?.focus();
      else return;
      event.preventDefault();
    });
    whole.addEventListener('click', () => zoom(0, false));
    find.addEventListener('input', () => {
      state.wanted = find.value;
      toAddress({ [`${kind}-find`]: state.wanted });
      mark();
    });
    addEventListener('hashchange', () => {
      fromAddress();
      show();
    });
    fromAddress();
    show();
    let width = graph.clientWidth;
    new ResizeObserver(() => {
      if (graph.clientWidth === width) return;
      width = graph.clientWidth;
      show();
    }).observe(graph);
  }
})();
