const FIELDS = ['name', 'street', 'city', 'postcode'];

function orderSchema(shop) {
  return {
    type: 'object',
    required: ['shop', 'address', 'lines'],
    properties: {
      shop: { type: 'string', enum: [shop.name] },
      address: {
        type: 'object',
        required: FIELDS,
        properties: Object.fromEntries(FIELDS.map((field) => [field, { type: 'string', minLength: 1, maxLength: 80 }]))
      },
      lines: {
        type: 'array',
        minItems: 1,
        maxItems: shop.limit,
        items: {
          type: 'object',
          required: ['sku', 'count'],
          properties: { sku: { type: 'string', enum: shop.skus.slice() }, count: { type: 'integer', minimum: 1 } }
        }
      }
    }
  };
}

module.exports = { orderSchema };
