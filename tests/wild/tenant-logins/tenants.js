const NAMES = ['acme', 'globex', 'initech', 'umbrella', 'hooli'];

const tenants = new Map(NAMES.map((name) => [name, {
  entryPoint: `https://login.${name}.example/saml2/sso`,
  issuer: `https://app.example/saml/${name}`,
  callbackUrl: `https://app.example/saml/${name}/callback`,
  validateInResponseTo: true
}]));

module.exports = { tenants };
