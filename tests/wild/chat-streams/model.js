'use strict';

const WORDS = 'The parcel left the depot this morning and will be with you before noon'.split(' ');

/** Stands for the workers that ask the model. */
async function answer(publisher, chat) {
  for (const word of WORDS) await publisher.publish(`answer:${chat}`, JSON.stringify({ word }));
  await publisher.publish(`answer:${chat}`, JSON.stringify({ done: true }));
}

module.exports = { answer };
