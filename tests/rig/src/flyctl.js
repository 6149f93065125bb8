// Plays the argument forms of flyctl that a hunt uses, and refuses what flyctl refuses. What it knows lies beside it, in state.json.
'use strict';
const { spawn } = require('node:child_process');
const { readFileSync } = require('node:fs');

const state = JSON.parse(readFileSync(`${__dirname}/state.json`, 'utf8'));

function refuse(message) {
  console.error(`Error: ${message}`);
  process.exit(1);
}

// As a shell splits them, and with nothing else that a shell does.
function split(text) {
  const words = [];
  let word = null;
  for (let at = 0; at < text.length; at += 1) {
    const c = text[at];
    if (c === "'" || c === '"') {
      word ??= '';
      for (at += 1; text[at] !== c; at += 1) {
        if (at >= text.length) refuse('a quote is opened and not closed');
        if (c === '"' && text[at] === '\\') at += 1;
        word += text[at];
      }
    } else if (c === '\\') {
      at += 1;
      word = (word ?? '') + text[at];
    } else if (/\s/.test(c)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + c;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

function options(args, known) {
  const given = {};
  for (let at = 0; at < args.length; at += 1) {
    const [name, ...value] = args[at].split('=');
    const kind = known[name];
    if (!kind) refuse(`unknown flag: ${name}`);
    if (kind.flag) given[kind.name] = true;
    else given[kind.name] = value.length ? value.join('=') : args[(at += 1)];
  }
  if (!state.login) refuse("No access token available. Please login with 'flyctl auth login'");
  if (given.app !== state.app) refuse(`Could not find App "${given.app}"`);
  return given;
}

const APP = { '-a': { name: 'app' }, '--app': { name: 'app' } };
const [first, second, ...rest] = process.argv.slice(2);

if (['machine', 'machines'].includes(first) && second === 'list') {
  const given = options(rest, { ...APP, '--json': { name: 'json', flag: true } });
  if (!given.json) refuse('it is asked for JSON alone here');
  console.log(JSON.stringify(state.machines, null, 4));
} else if (first === 'ssh' && second === 'console') {
  const given = options(rest, {
    ...APP,
    '-C': { name: 'command' },
    '--command': { name: 'command' },
    '--machine': { name: 'machine' },
    '-q': { name: 'quiet', flag: true },
    '--quiet': { name: 'quiet', flag: true },
  });
  if (!given.command) refuse('there is no terminal here');
  const started = state.machines.filter((machine) => machine.state === 'started');
  if (started.length === 0) refuse(`app ${state.app} has no started VMs.`);
  const machine = given.machine ? started.find((one) => one.id === given.machine) : started[0];
  if (!machine) refuse(`--machine="${given.machine}" not found/started`);
  if (!given.quiet) console.error('Connecting to fdaa:0:1:a7b:1::2... complete');
  run(split(given.command));
} else {
  refuse(`unknown command "${first} ${second}" for "flyctl"`);
}

// It is a machine of its own: neither the environment nor the signals of flyctl reach it, and a connection that is gone is an end of stdin.
function run([program, ...args]) {
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/root' };
  const child = spawn(program, args, { detached: true, env, stdio: ['pipe', 'pipe', 'pipe'] });
  for (const stream of [child.stdin, process.stdout, process.stderr]) stream.on('error', () => {});
  process.stdin.pipe(child.stdin);
  child.stdout.pipe(process.stdout);
  child.stderr.pipe(process.stderr);
  child.on('error', () => refuse(`ssh shell: exec: "${program}": executable file not found in $PATH`));
  child.on('close', (code) => {
    if (code === 0) process.exit(0);
    refuse(`ssh shell: Process exited with status ${code}`);
  });
}
