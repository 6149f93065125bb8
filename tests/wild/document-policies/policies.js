'use strict';
const { Document, Team } = require('./models');

const rules = [
  { model: Document, action: 'read', allowed: (user, document) => user.teamId === document.teamId },
  { model: Document, action: 'update', allowed: (user, document) => user.teamId === document.teamId && !document.archivedAt },
  { model: Document, action: 'delete', allowed: (user, document) => user.admin && user.teamId === document.teamId },
  { model: Team, action: 'read', allowed: (user, team) => user.teamId === team.id },
];

const rulesByModel = new Map();

/** The rules for a model, those of the classes that it extends among them. */
function rulesOf(model) {
  let found = rulesByModel.get(model);
  if (!found) {
    found = rules.filter((rule) => rule.model === model || rule.model.isPrototypeOf(model));
    rulesByModel.set(model, found);
  }
  return found;
}

/** What a user may do with a record. */
function abilities(user, record) {
  const able = rulesOf(record.constructor).map(({ action, allowed }) => [action, allowed(user, record)]);
  return Object.fromEntries(able);
}

module.exports = { abilities };
