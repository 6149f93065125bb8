'use strict';
const { createSSRApp, h } = require('vue');
const { renderToString } = require('@vue/server-renderer');
const { i18n } = require('./i18n');

const Dish = {
  props: { dish: Object },
  render() {
    const { name, euro, vegan } = this.dish;
    return h('li', [h('b', name), ' ', this.$t('price', { euro }), vegan ? h('i', this.$t('vegan')) : null]);
  },
};

const Menu = {
  props: { day: String, dishes: Array },
  render() {
    return h('main', [
      h('h1', this.$t('title', { day: this.day })),
      h('ul', this.dishes.map((dish) => h(Dish, { dish, key: dish.name }))),
      h('button', this.$t('order')),
    ]);
  },
};

/** The page of a day's menu as HTML. */
function page(day, dishes) {
  return renderToString(createSSRApp(Menu, { day, dishes }).use(i18n));
}

module.exports = { page };
