'use strict';
const fastify = require('fastify');
const directions = require('@mapbox/mapbox-sdk/services/directions');

const TOKEN = `pk.${Buffer.from('{"u":"school"}').toString('base64url')}.c2lnbmF0dXJl`;

/** The school has the roads of its valley on a server of its own. */
async function valley() {
  const roads = fastify({ maxParamLength: 400 });
  roads.get('/directions/v5/mapbox/driving/:points', async (request) => {
    const stops = decodeURIComponent(request.params.points).split(';').map((point) => point.split(',').map(Number));
    const legs = stops.slice(1).map(([east, north], at) => ({ distance: 900 + at * 40, duration: 120 + at * 9, summary: `to ${east.toFixed(3)} ${north.toFixed(3)}` }));
    const distance = legs.reduce((sum, leg) => sum + leg.distance, 0);
    return { code: 'Ok', routes: [{ legs, distance, duration: legs.reduce((sum, leg) => sum + leg.duration, 0), weight_name: 'auto' }], waypoints: stops.map((location) => ({ location, name: '' })) };
  });
  return roads.listen({ host: '127.0.0.1', port: 0 });
}

async function router() {
  const service = directions({ accessToken: TOKEN, origin: await valley() });
  return async (stops) => {
    const waypoints = stops.map((coordinates) => ({ coordinates }));
    const { body } = await service.getDirections({ profile: 'driving', waypoints }).send();
    return body.routes[0];
  };
}

module.exports = { router };
