'use strict';
const express = require('express');

const app = express();

// Each page brings its own assets.
function serveAssets(page) {
  const folder = `/assets/${page}`;
  app.use(folder, (req, res) => {
    res.type('text/css').send(`/* styles of ${page} */`);
  });
  return folder;
}

app.get('/pages/:page', (req, res) => {
  const folder = serveAssets(req.params.page);
  res.send(`<link rel="stylesheet" href="${folder}/style.css">`);
});

const server = app.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
