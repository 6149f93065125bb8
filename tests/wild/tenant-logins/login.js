const passport = require('passport');
const MultiSamlStrategy = require('passport-saml/multiSamlStrategy');
const { tenants } = require('./tenants');

const strategy = new MultiSamlStrategy({
  passReqToCallback: true,
  getSamlOptions(request, done) {
    const tenant = tenants.get(request.params.tenant);
    if (!tenant) return done(new Error('no such tenant'));
    return done(null, { ...tenant });
  }
}, (request, profile, done) => done(null, { name: profile.nameID, tenant: request.params.tenant }));

passport.use('saml', strategy);

function login() {
  return passport.authenticate('saml', { session: false });
}

module.exports = { login, passport };
