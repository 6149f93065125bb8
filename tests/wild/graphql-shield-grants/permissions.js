'use strict';
const { rule, shield, allow } = require('graphql-shield');

const mayRead = rule('mayRead', { cache: 'strict' })(async (application, args, { offices }) => offices.has(application.office));

const permissions = shield({ Query: { '*': allow }, Application: { id: allow, office: allow, amount: mayRead, purpose: mayRead } }, { fallbackRule: allow });

module.exports = { permissions };
