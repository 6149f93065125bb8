'use strict';
const http = require('http');

class LruCache {
  constructor(limit) {
    this.limit = limit;
    this.entries = new Map();
  }

  get(key) {
    const value = this.entries.get(key);
    if (value !== undefined) {
      this.entries.delete(key);
      this.entries.set(key, value);
    }
    return value;
  }

  set(key, value) {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size > this.limit) this.entries.delete(this.entries.keys().next().value);
  }
}

const profiles = new LruCache(350);

class Profile {
  constructor(id) {
    this.id = id;
    this.roles = ['user', `role-${id.length}`];
    this.settings = { theme: 'dark', lastPage: `/home/${id}` };
  }
}

const server = http.createServer((req, res) => {
  const id = req.url.slice(1);
  let profile = profiles.get(id);
  if (!profile) {
    profile = new Profile(id);
    profiles.set(id, profile);
  }
  res.end(JSON.stringify(profile));
});

server.listen(process.env.PORT, () => console.log(`listening on ${server.address().port}`));
