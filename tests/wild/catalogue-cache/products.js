async function product(id) {
  await new Promise((resolve) => setTimeout(resolve, 3));
  return {
    id,
    title: `Product ${id}`,
    price: { cents: 100 + (id % 9000), currency: 'EUR' },
    sizes: Array.from({ length: 10 }, (_, at) => ({ size: 36 + at, stock: (id * (at + 1)) % 40 })),
    texts: ['en', 'de', 'fr'].map((language) => ({ language, text: `Product ${id}, described in ${language}.` }))
  };
}

module.exports = { product };
