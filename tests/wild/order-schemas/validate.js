const ZSchema = require('z-schema');
const { orderSchema } = require('./schemas');

const validator = new ZSchema({ breakOnFirstError: false });

function validOrder(shops) {
  return (request, response, next) => {
    const shop = shops.get(request.params.shop);
    if (!shop) return response.sendStatus(404);
    if (validator.validate(request.body, orderSchema(shop))) return next();
    return response.status(422).json(validator.getLastErrors().map((error) => error.message));
  };
}

module.exports = { validOrder };
