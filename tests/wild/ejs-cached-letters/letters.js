'use strict';
const ejs = require('ejs');
const { layouts } = require('./layouts');

/** The letter to a member, in the words of the branch. */
function letter(kind, { id, branch, member, loans }) {
  return ejs.render(layouts[kind], { branch, member, loans }, { cache: true, filename: `letters/${kind}/${id}.ejs`, rmWhitespace: true });
}

module.exports = { letter };
