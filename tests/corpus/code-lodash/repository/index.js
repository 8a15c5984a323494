const _ = require('lodash');

exports.names = (people) => _.pluck(people, 'name');
exports.has = (list, one) => _(list).contains(one);
exports.first = (people, name) => _.findWhere(people, { name });
