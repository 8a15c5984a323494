const format = require('date-fns/format');
const addDays = require('date-fns/add_days');
const { distanceInWordsToNow, isWithinRange, parse } = require('date-fns');

exports.day = (date) => format(addDays(date, 1), 'YYYY-MM-DD');
exports.ago = (date) => distanceInWordsToNow(date, { addSuffix: true });
exports.within = (date, from, to) => isWithinRange(date, from, to);
exports.read = () => parse('2020-02-03');
