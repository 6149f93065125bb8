'use strict';
const mqtt = require('mqtt');

const READINGS = ['position', 'speed', 'heading', 'fuel', 'oil', 'tyres', 'doors', 'load', 'axles', 'driver', 'brakes', 'lights'];
let client;

function connect(port, ready) {
  client = mqtt.connect(`mqtt://127.0.0.1:${port}`);
  client.once('connect', ready);
}

// Gives what ends it.
function follow(truck) {
  const topics = READINGS.map((reading) => `yards/north/${truck}/${reading}`);
  client.subscribe(topics);
  return () => client.unsubscribe(topics);
}

module.exports = { connect, follow };
