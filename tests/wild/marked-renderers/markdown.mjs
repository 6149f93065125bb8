import { marked } from 'marked';

export function render(text, base) {
  const outline = [];
  marked.use({
    renderer: {
      heading(title, level) {
        outline.push({ title, level });
        return `<h${level} id="h${outline.length}">${title}</h${level}>`;
      },
      link(href, title, label) {
        return `<a href="${new URL(href, `http://wiki.example.org${base}`)}">${label}</a>`;
      },
    },
  });
  return `${marked.parse(text)}<!-- ${outline.length} headings -->`;
}
