const express = require('express');

const app = express();
app.get('/user/:id(\\d+)', (req, res) => res.json({ id: req.param('id') }));
module.exports = app;
