const Joi = require('@hapi/joi');

const schema = Joi.object({ name: Joi.string().required() });
module.exports = (value) => Joi.validate(value, schema).error === null || Joi.validate(value, schema).error === undefined;
