'use strict';

/** The service of another team. */
exports.remote = async ({ variables: { id } }) => {
  await new Promise(setImmediate);
  return { data: { book: { title: `Volume ${id}`, authors: [{ name: 'A. Writer' }, { name: 'B. Writer' }], copies: id % 7 } } };
};
