'use strict';
const mongoose = require('mongoose');

const connection = mongoose.createConnection();
connection.setMaxListeners(0);
const schema = new mongoose.Schema({ article: { type: String, required: true }, pieces: { type: Number, min: 1 } }, { autoIndex: false, autoCreate: false });

exports.ordersOf = (tenant) => connection.useDb(tenant).model('Order', schema);
