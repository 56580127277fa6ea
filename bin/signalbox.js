#!/usr/bin/env node
'use strict';
// CommonJS on purpose: loading an ES module already starts libuv's thread pool, and its size is fixed
// by then. Queries, files, zlib and DNS share that pool, so four threads are too few.
process.env.UV_THREADPOOL_SIZE ??= '16';

// The storage engine's allocator, by default, keeps memory it no longer needs for five seconds, which under
// load is a third of all. It reads this when the engine is loaded.
process.env.JE_MALLOC_CONF ??= 'dirty_decay_ms:250,muzzy_decay_ms:0,prof:false';

// npm passes a signal on to its shell, which dies of it and leaves this process behind: follow it.
if (process.env.npm_command !== undefined) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250).unref();
}

const { existsSync } = require('node:fs');
const path = require('node:path');

const [major, minor] = process.versions.node.split('.').map(Number);
const entry = path.join(__dirname, '..', 'dist', 'cli', 'main.js');

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Signalbox needs Node 20.19 or newer and this is Node ${process.versions.node}. Install a newer Node from https://nodejs.org and try again.`,
  );
  process.exitCode = 2;
} else if (!existsSync(entry)) {
  console.error(`Signalbox is not built: ${entry} is missing. Run \`npm run build\` first.`);
  process.exitCode = 2;
} else {
  const { pathToFileURL } = require('node:url');
  const argv = process.argv.slice(2);
  // Coding agents wait for their hooks, so this verb loads nothing of the others.
  const started =
    argv[0] === 'hook' && !argv.includes('--help')
      ? import(pathToFileURL(path.join(path.dirname(entry), 'hook.js')).href).then(({ hook }) =>
          hook(argv.slice(1), process.env),
        )
      : import(pathToFileURL(entry).href).then(({ main }) => main(argv, process.env));
  started.catch((error) => {
    console.error(error);
    process.exitCode = 2;
  });
}
