'use strict';
const Vue = require('vue');

/** The page of a cottage, as this visitor sees it. */
function pageFor(visitor) {
  Vue.mixin({
    created() {
      this.greeting = visitor.language === 'de' ? `Guten Tag ${visitor.name}` : `Hello ${visitor.name}`;
    },
  });
  return new Vue({
    data: { cottage: visitor.cottage },
    render(h) {
      const nights = visitor.seen.slice(-3).map((night) => h('li', `${night.date}: ${night.euros} €`));
      return h('main', [h('h1', this.greeting), h('p', `Cottage ${this.cottage}`), h('ul', nights)]);
    },
  });
}

module.exports = { pageFor };
