'use strict';
const { createElement: h } = require('react');
const { renderToString } = require('react-dom/server');
const { Helmet } = require('react-helmet');

function Recipe({ recipe }) {
  return h('article', null,
    h(Helmet, null, h('title', null, recipe.name), h('meta', { name: 'description', content: recipe.steps.join(' ') })),
    h('h1', null, recipe.name),
    h('ol', null, recipe.steps.map((step, at) => h('li', { key: at }, step))));
}

function page(recipe) {
  return `<!doctype html><title>${recipe.name}</title>${renderToString(h(Recipe, { recipe }))}`;
}

module.exports = { page };
