'use strict';

class SoldOut extends Error {}

/** Takes an article off the stock and books the order, both or neither. */
async function checkout(client, order) {
  const session = client.startSession({ causalConsistency: true });
  const db = client.db('shop');
  session.startTransaction({ writeConcern: { w: 'majority' } });
  try {
    const stock = await db.collection('stock').findOne({ _id: order.article }, { session });
    if (stock.left < order.pieces) throw new SoldOut(order.article);
    await db.collection('stock').updateOne({ _id: order.article }, { $inc: { left: -order.pieces } }, { session });
    await db.collection('orders').insertOne({ ...order, at: new Date() }, { session });
    await session.commitTransaction();
  } catch (error) {
    await session.abortTransaction();
    throw error;
  }
}

module.exports = { checkout, SoldOut };
