'use strict';
const { EntitySchema, MikroORM } = require('@mikro-orm/core');
const { PostgreSqlDriver } = require('@mikro-orm/postgresql');

class Reading {}

const schema = new EntitySchema({
  class: Reading,
  properties: {
    id: { type: 'number', primary: true },
    meter: { type: 'string' },
    litres: { type: 'number' },
    remark: { type: 'string', nullable: true },
  },
});

async function open() {
  const orm = await MikroORM.init({
    driver: PostgreSqlDriver,
    entities: [schema],
    dbName: 'water',
    connect: false,
    allowGlobalContext: true,
    discovery: { warnWhenNoEntities: false, disableDynamicFileAccess: true },
  });

  /** A row of the replication slot as an entity. */
  return (row) => orm.em.map(Reading, row);
}

module.exports = { open };
