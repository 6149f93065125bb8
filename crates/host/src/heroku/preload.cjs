'use strict';
// Loaded into the Heroku CLI's own process (NODE_OPTIONS=--require) by leakhunt, for `ps:exec` and `ps:forward` alone.
//
// The CLI stays the program the user installed; four things around it change:
//   - its parent's death ends it (ps:forward ignores its stdin and would outlive a killed leakhunt for ever);
//   - its SSH key comes from OpenSSL in milliseconds, not from 2 to 9 seconds of JavaScript;
//   - ps:forward listens on a Unix socket in a private folder, where it would listen on all interfaces;
//   - its SOCKS proxy does too, where it would take the one fixed port 1080 and serve every user of this machine.
//
// What is not recognised is left as it is, and what really listens is checked from outside. Syntax of Node 14.
//
// LEAKHUNT_FOLDER  a 0700 folder. `tell` in it is a socket on which leakhunt listens: lines of news go there, and its
//                  closing is the parent's death. `forward` and `socks` in it are made here.
// LEAKHUNT_PORT    the local port ps:forward was asked for.

(function preload() {
  const command = process.argv[2];
  const folder = process.env.LEAKHUNT_FOLDER;
  if (!folder || (command !== 'ps:exec' && command !== 'ps:forward')) return;

  const net = require('net');
  const path = require('path');
  let tell = () => {};
  try {
    tell = endWithParent();
    makeKeysWithOpenSSL();
    if (command === 'ps:forward') keepForwardPrivate(Number(process.env.LEAKHUNT_PORT));
    tell('loaded ' + command);
  } catch (error) {
    tell('failed ' + String(error && error.message).replace(/\s+/g, ' '));
  }

  // Connects to leakhunt; returns the function that tells it a line.
  function endWithParent() {
    const socket = net.connect(path.join(folder, 'tell'));
    const leave = () => {
      // A folder whose owner was killed has nobody else to remove it.
      try { require('fs').rmSync(folder, { recursive: true, force: true }); } catch (_) { /* Node < 14.14 */ }
      process.exit(1);
    };
    socket.on('error', leave);
    socket.on('close', leave);
    socket.resume();
    socket.unref(); // the CLI ends when its own work is done
    return line => { socket.write(line + '\n'); };
  }

  // All majors make their key with the package `keypair`: `keypair()` → { public, private }, RSA-2048, PKCS#1, PEM.
  function makeKeysWithOpenSSL() {
    const extensions = require('module')._extensions;
    const load = extensions['.js'];
    extensions['.js'] = function (module, file) {
      const result = load.apply(this, arguments);
      if (/[\\/]node_modules[\\/]keypair[\\/]index\.js$/.test(file) && typeof module.exports === 'function') {
        const slow = module.exports;
        module.exports = options => (options === undefined ? fastKeyPair() : slow(options));
        extensions['.js'] = load;
      }
      return result;
    };
  }

  function fastKeyPair() {
    const encoding = { type: 'pkcs1', format: 'pem' };
    const pair = require('crypto').generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: encoding,
      privateKeyEncoding: encoding,
    });
    tell('key');
    return { public: pair.publicKey, private: pair.privateKey };
  }

  // `ps:forward` makes two servers: SOCKS by `listen(1080, '127.0.0.1', done)`, and when that listens the forward by
  // `listen(port)`. For each connection to the second it connects to `{ port: 1080 }`.
  function keepForwardPrivate(port) {
    const socksPath = path.join(folder, 'socks');
    const forwardPath = path.join(folder, 'forward');
    let socksServer = null;

    const listen = net.Server.prototype.listen;
    net.Server.prototype.listen = function (...args) {
      const done = typeof args[args.length - 1] === 'function' ? args.pop() : undefined;
      const where = role(args);
      if (where === undefined) return listen.apply(this, done ? [...args, done] : args);
      if (where === socksPath) {
        socksServer = this;
        this.prependListener('connection', nameEnds);
      } else {
        this.prependListener('connection', survive);
        this.once('listening', () => tell('listening'));
        this.once('error', error => tell('failed listen ' + error.code));
      }
      return listen.call(this, { path: where }, done);
    };

    // The path a server of the CLI gets; undefined for one that is none of the two.
    function role([asked, host, ...more]) {
      if (more.length > 0 || (typeof asked !== 'number' && typeof asked !== 'string')) return undefined;
      if (Number(asked) === 1080 && host === '127.0.0.1' && socksServer === null) return socksPath;
      if (Number(asked) === port && host === undefined && socksServer !== null) return forwardPath;
      return undefined;
    }

    // The proxy passes the client's address on into the SSH channel, and a Unix socket has none.
    function nameEnds(socket) {
      const ends = { remoteAddress: '127.0.0.1', remotePort: 1, localAddress: '127.0.0.1', localPort: 1 };
      for (const name of Object.keys(ends)) {
        Object.defineProperty(socket, name, { value: ends[name], configurable: true });
      }
    }

    // A client that closes with unread data resets the connection. The CLI has no handler for that and would die of it,
    // and every other connection with it: here it becomes an ordinary end, which the CLI's pipe passes on.
    function survive(socket) {
      socket.on('error', () => socket.emit('end'));
    }

    const connect = net.Socket.prototype.connect;
    net.Socket.prototype.connect = function (...args) {
      const to = args[0];
      const local = to && (to.host === undefined || to.host === 'localhost' || to.host === '127.0.0.1');
      if (socksServer !== null && local && to.port === 1080) args[0] = { path: socksPath };
      return connect.apply(this, args);
    };
  }
})();
