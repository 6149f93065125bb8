'use strict';
const express = require('express');
const { slowLog, middleware } = require('./slow-log');

const app = express();
app.use(middleware);
app.get('/report', (req, res) => res.json({ slow: slowLog.entries.length }));
app.get('/{*path}', (req, res) => res.send('ok'));

const server = app.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
