const express = require('express');
const users = require('./routes/users');
const pages = require('./pages');

const app = express();
app.use('/users', users);
app.del('/thing/:id', (req, res) => res.send(204));
app.get('/old', (req, res) => res.redirect('/new', 301));
app.get('/files/*', pages.file);
app.get('/page/:name?', pages.show);
app.get('*', pages.missing);
// eslint-disable-next-line no-unused-vars
app.use((error, req, res, next) => {
  res.json({ error: error.message }, 500);
});

module.exports = app;
