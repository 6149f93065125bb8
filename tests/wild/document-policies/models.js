'use strict';
const { DataTypes, Model, Sequelize } = require('sequelize');

const sequelize = new Sequelize('postgres://wiki@127.0.0.1/wiki', { logging: false });

class Team extends Model {}
class Document extends Model {}

Team.init({ id: { type: DataTypes.INTEGER, primaryKey: true }, name: DataTypes.STRING }, { sequelize });
Document.init(
  {
    id: { type: DataTypes.INTEGER, primaryKey: true },
    title: DataTypes.STRING,
    teamId: DataTypes.INTEGER,
    archivedAt: DataTypes.DATE,
  },
  {
    sequelize,
    defaultScope: { where: { archivedAt: null } },
    scopes: {
      ofTeam: (teamId, userId) => ({
        where: { teamId },
        attributes: ['id', 'title', 'teamId', 'archivedAt'],
        include: [{ model: Team, where: { id: teamId }, required: true }],
        order: [['title', 'ASC']],
        benchmark: false,
        comment: `documents of team ${teamId} for user ${userId}`,
      }),
    },
  },
);
Document.belongsTo(Team, { foreignKey: 'teamId' });

module.exports = { Document, Team };
