'use strict';
const { IsEmail, IsInt, IsOptional, Length, Max, Min, validateSync } = require('class-validator');

const RULES = {
  text: () => [Length(1, 200)],
  email: () => [IsEmail()],
  number: () => [IsInt(), Min(0), Max(10_000)],
};

// Who makes a form says which fields it has.
function check(fields, answers) {
  class Answers {}
  for (const { name, kind, optional } of fields) {
    for (const rule of RULES[kind]()) rule(Answers.prototype, name);
    if (optional) IsOptional()(Answers.prototype, name);
  }
  return validateSync(Object.assign(new Answers(), answers));
}

module.exports = { check };
