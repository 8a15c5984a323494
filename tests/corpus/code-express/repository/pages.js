exports.file = (req, res) => res.send(`file ${req.path}`);
exports.show = function show(req, res) {
  res.send(`page ${req.params.name || 'index'}`);
};
exports.missing = (req, res) => res.send(404, 'nothing here');
