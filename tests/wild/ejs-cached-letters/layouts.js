'use strict';

/** The letters that the branches have written for themselves. */
const layouts = {
  reminder: `
    <h1>Dear <%= member.name %></h1>
    <p>You still have <%= loans.length %> of our books:</p>
    <ul><% for (const { title, due } of loans) { %><li><%= title %>, due <%= due %></li><% } %></ul>
    <p>Yours, the library in <%= branch %></p>`,
  arrived: `
    <h1>Dear <%= member.name %></h1>
    <p><%= loans[0].title %> has arrived. We keep it for you until <%= loans[0].due %>.</p>
    <p>Yours, the library in <%= branch %></p>`,
};

module.exports = { layouts };
