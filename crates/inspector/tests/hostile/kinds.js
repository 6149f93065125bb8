//: frozen process
Object.freeze(process);
//: frozen process and globals
Object.freeze(process);
Object.freeze(globalThis);
//: sealed process
Object.seal(process);
Object.preventExtensions(globalThis);
//: frozen intrinsics
for (const it of [Object, Function, Array, Promise, RegExp, String, Symbol, Map, Error]) Object.freeze(Object.freeze(it).prototype);
Object.freeze(process);
Object.freeze(globalThis);
//: frozen modules
for (const it of [fs, inspector, timers, Module, v8, zlib, http]) Object.freeze(it);
//: polluted with a value
Object.prototype.value = 1;
Object.prototype.extra = function () {};
//: polluted with accessors of a descriptor
Object.prototype.get = function () { return 7; };
Object.prototype.set = function () {};
//: polluted with attributes of a descriptor
Object.prototype.writable = Object.prototype.enumerable = Object.prototype.configurable = false;
//: polluted with names of options
for (const name of ['encoding', 'flag', 'mode', 'signal', 'fd', 'start', 'end', 'highWaterMark', 'port', 'host', 'name', 'url'])
  Object.prototype[name] = 'polluted';
//: polluted with names of ours
for (const name of ['require', 'internalBinding', 'leakhunt', 'load', 'description', 'object', 'hunt', 'idle', 'retire', 'pid', 'own', 'stranger'])
  Object.prototype[name] = () => { throw new Error(`used ${name}`); };
//: polluted with throwing getters
for (const name of ['require', 'leakhunt', 'description', 'object', 'objectId', 'result', 'subtype', 'retire', 'watching'])
  Object.defineProperty(Object.prototype, name, { get() { throw new Error(`read ${name}`); }, set() { throw new Error(`wrote ${name}`); } });
//: polluted with then
Object.prototype.then = function () { throw new Error('not a promise'); };
//: polluted with toJSON and toString
Object.prototype.toJSON = Object.prototype.toString = Object.prototype.valueOf = () => { throw new Error('no text'); };
//: no process, no Buffer
delete process.binding;
delete process._linkedBinding;
delete process.getBuiltinModule;
delete globalThis.process;
delete globalThis.Buffer;
//: another process
globalThis.process = { pid: 1, versions: {}, _debugEnd() {}, getBuiltinModule() { throw new Error('no modules'); } };
//: process behind a proxy
globalThis.process = new Proxy(process, { get() { throw new Error('trapped'); }, has() { throw new Error('trapped'); } });
//: a process that lies
Object.defineProperty(process, 'pid', { value: 1 });
Object.defineProperty(process, 'versions', { value: { node: 'none' } });
//: stubbed inspector
inspector.close = inspector.open = () => {};
inspector.url = () => undefined;
//: stubbed inspector and process
inspector.close = process._debugEnd = process._debugProcess = () => {};
Object.freeze(process);
//: bindings that throw
process.binding = process._linkedBinding = process.getBuiltinModule = () => { throw new Error('no binding'); };
//: a require that throws
Module.prototype.require = Module._load = Module._resolveFilename = () => { throw new Error('no require'); };
delete process.getBuiltinModule;
//: a fs that throws
for (const name of Object.keys(fs)) if (typeof fs[name] === 'function') try { fs[name] = () => { throw new Error('no files'); }; } catch {}
//: a fs that answers nonsense
fs.readFileSync = () => '';
fs.openSync = () => 99999;
fs.readSync = () => 1e9;
fs.closeSync = () => {};
//: fake timers
for (const it of [globalThis, timers])
  for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate']) it[name] = () => 0;
//: a clock that stands still
Date.now = () => 0;
performance.now = () => 0;
process.hrtime = () => [0, 0];
process.uptime = () => 0;
//: call, apply and bind that throw
Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => { throw new Error('no calls'); };
//: iterators that throw
Array.prototype[Symbol.iterator] = () => { throw new Error('no iteration'); };
Object.getPrototypeOf([].values()).next = () => { throw new Error('no iteration'); };
//: arrays whose methods throw
// Without these two Node's own timers fail.
for (const name of Object.getOwnPropertyNames(Array.prototype))
  if (typeof Array.prototype[name] === 'function' && name !== 'push' && name !== 'pop') Array.prototype[name] = () => { throw new Error(`no ${name}`); };
//: strings whose methods throw
for (const name of Object.getOwnPropertyNames(String.prototype))
  if (typeof String.prototype[name] === 'function') String.prototype[name] = () => { throw new Error(`no ${name}`); };
//: regular expressions that throw
RegExp.prototype.exec = RegExp.prototype.test = () => { throw new Error('no match'); };
for (const symbol of [Symbol.match, Symbol.replace, Symbol.split, Symbol.search]) RegExp.prototype[symbol] = RegExp.prototype.exec;
//: promises that throw
Promise.prototype.then = Promise.prototype.catch = () => { throw new Error('no promise'); };
globalThis.Promise = Promise.resolve = () => { throw new Error('no promise'); };
//: no JSON, no symbols
JSON.parse = JSON.stringify = Symbol.for = () => { throw new Error('no JSON'); };
globalThis.JSON = globalThis.Symbol = undefined;
//: reflection that throws
const all = [Object, Reflect].map((it) => [it, Object.getOwnPropertyNames(it)]);
for (const [it, names] of all)
  for (const name of names) if (typeof it[name] === 'function') it[name] = () => { throw new Error(`no ${name}`); };
//: errors that end it
Error.prepareStackTrace = () => process.exit(7);
Object.defineProperty(Error, 'stackTraceLimit', { get() { process.exit(8); } });
//: collections and arrays replaced
for (const name of ['Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef', 'FinalizationRegistry', 'Proxy', 'Uint8Array', 'ArrayBuffer', 'DataView'])
  globalThis[name] = function () { throw new Error(`no ${name}`); };
//: hardly a global left
for (const name of Object.getOwnPropertyNames(globalThis)) try { delete globalThis[name]; } catch {}
//: globals that throw when they are read
const keep = new Set(['Object', 'Error', 'globalThis', 'undefined', 'NaN', 'Infinity']);
for (const name of Object.getOwnPropertyNames(globalThis))
  if (!keep.has(name)) try { Object.defineProperty(globalThis, name, { get() { throw new Error(`read ${name}`); } }); } catch {}
//: three thousand functions of its own among the globals
for (let i = 0; i < 3000; i++) globalThis[`own${i}`] = () => require(`./own${i}`);
//: globals that lead to its own require only
for (const name of ['setTimeout', 'setImmediate', 'clearTimeout', 'Buffer', 'URL', 'structuredClone', 'AbortController', 'fetch'])
  globalThis[name] = () => require('none');
//: a prototype that traps
try { Object.setPrototypeOf(globalThis, new Proxy({}, { has() { return true; }, get() { throw new Error('trapped'); } })); } catch {}
//: warnings and rejections that end it
process.on('warning', () => process.exit(9));
process.emitWarning = () => process.exit(9);
process.on('exit', () => { process.kill(process.pid, 'SIGKILL'); });
//: events that go nowhere
events.prototype.on = events.prototype.once = events.prototype.addListener = () => { throw new Error('no events'); };
events.prototype.emit = () => false;
//: a hook that sees every resource
const types = new Map();
async_hooks.createHook({ init(_, type) { types.set(type, (types.get(type) || 0) + 1); } }).enable();
//: without __proto__
delete Object.prototype.__proto__;
Object.prototype.constructor = undefined;
//: SES
require(SES);
lockdown();
//: SES, hardened
require(SES);
lockdown({ errorTaming: 'unsafe', overrideTaming: 'severe' });
Object.freeze(process);
Object.freeze(globalThis);
