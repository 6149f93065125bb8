// The engine's bundle expects a browser of its own age; Node.js 20 lacks this one function.
Promise.withResolvers ??= function() {
  const parts = {};
  parts.promise = new this((resolve, reject) => Object.assign(parts, {resolve, reject}));
  return parts;
};
