'use strict';

function render(tour) {
  const days = tour.days.map((day, at) => `<section id="day-${at + 1}"><h2>Day ${at + 1}</h2><p>${day}</p></section>`);
  return `<!doctype html><title>${tour.title}</title><main>${days.join('\n')}</main>`;
}

/** Makes a tour known to visitors, with the text that it has now. */
function publish(app, tour) {
  const html = Buffer.from(render(tour)).toString('utf8');
  app.get(`/tours/${tour.slug}`, (req, res) => {
    res.type('html').send(html);
  });
}

module.exports = { publish };
