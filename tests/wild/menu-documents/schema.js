export const typeDefs = `#graphql
  type Dish { id: ID! name: String! cents: Int! allergens: [String!]! }
  type Menu { day: String! dishes(vegetarian: Boolean, under: Int): [Dish!]! }
  type Query { menu(canteen: Int!, day: String!): Menu! }
`;

const ALLERGENS = ['gluten', 'milk', 'nuts', 'celery', 'soy'];

export const resolvers = {
  Query: { menu: (_, { canteen, day }) => ({ canteen, day }) },
  Menu: {
    dishes: ({ canteen }, { under = 2000 }) => Array.from({ length: 5 }, (_, n) => ({
      id: `${canteen}-${n}`, name: `Dish ${(canteen * 5 + n) % 140}`, cents: 350 + ((canteen * 31 + n * 90) % 900), allergens: ALLERGENS.slice(0, n % 4),
    })).filter(({ cents }) => cents < under),
  },
};
