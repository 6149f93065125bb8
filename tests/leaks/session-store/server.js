'use strict';
const express = require('express');
const session = require('express-session');

const app = express();

app.use(
  session({
    secret: 'keyboard cat',
    resave: false,
    saveUninitialized: true,
    cookie: { maxAge: 14 * 24 * 3600e3 },
  }),
);

app.get('/', (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1;
  req.session.lastSeen = new Date().toISOString();
  res.json({ views: req.session.views });
});

const server = app.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
