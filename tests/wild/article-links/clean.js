'use strict';
const createDOMPurify = require('dompurify');
const { JSDOM } = require('jsdom');

const purify = createDOMPurify(new JSDOM('').window);

/** What a contributor wrote, without what it must not have; links that leave our site open beside it. */
function clean(article) {
  purify.addHook('afterSanitizeAttributes', (node) => {
    if (node.tagName !== 'A') return;
    const href = node.getAttribute('href') ?? '';
    if (href.startsWith(`https://${article.site}/`)) return;
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener nofollow');
  });
  return purify.sanitize(article.html, { ALLOWED_TAGS: ['p', 'a', 'em', 'strong'], ALLOWED_ATTR: ['href'] });
}

module.exports = { clean };
