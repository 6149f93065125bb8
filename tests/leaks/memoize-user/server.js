'use strict';
const express = require('express');
const { recommend } = require('./recommend');

const app = express();

app.get('/recommendations/:user', (req, res) => {
  const profile = { id: req.params.user, interests: ['books', 'bikes', 'chess', 'music'] };
  res.json(recommend(profile));
});

const server = app.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
