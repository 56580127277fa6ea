'use strict';
// `npm run lock`, after a dependency has changed. npm writes into the lock file only those optional packages
// that it could look up, and `npm ci` then refuses a lock file without the others, on every machine. This adds
// what is missing: one entry for each platform's binary, whose version its parent names and whose platform its
// own name tells, so that an install skips it anywhere else.
const fs = require('node:fs');
const path = require('node:path');
const { ROOT, runScript } = require('./setup.js');

const LOCK = path.join(ROOT, 'package-lock.json');
const OS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const CPU = [
  'arm64',
  'arm',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];
const LIBC = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };

/** The os, cpu and libc that a name such as `@scope/binding-linux-arm64-gnu` ends in. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = words.find((word) => OS.includes(word));
  const cpu = words.find((word) => CPU.includes(word));
  const libc = words.map((word) => LIBC[word]).find(Boolean);
  if (!cpu) return undefined;
  return {
    cpu: [cpu],
    ...(os === 'linux' && libc ? { libc: [libc] } : {}),
    ...(os ? { os: [os] } : {}),
  };
}

/** Where Node would find `name` from the package at `location`; undefined when the lock has none. */
function resolve(packages, location, name) {
  for (let from = location; ;) {
    const candidate = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
    if (packages[candidate]) return candidate;
    if (from === '') return undefined;
    from = from.slice(0, Math.max(from.lastIndexOf('/node_modules/'), 0));
  }
}

/** The optional dependencies without an entry, as [location of the parent, name, version]. */
function missingFrom(packages) {
  return Object.entries(packages).flatMap(([location, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !resolve(packages, location, name))
      .map(([name, version]) => [location, name, version]),
  );
}

function complete() {
  const lock = JSON.parse(fs.readFileSync(LOCK, 'utf8'));
  const { packages } = lock;
  for (const [location, name, version] of missingFrom(packages)) {
    const platform = platformOf(name);
    if (!platform || !/^\d/.test(version))
      throw new Error(`${name}@${version} of ${location} names no platform or no exact version`);
    const { dev } = packages[location];
    packages[`node_modules/${name}`] = {
      version,
      ...(platform.cpu ? { cpu: platform.cpu } : {}),
      ...(dev ? { dev } : {}),
      ...(platform.libc ? { libc: platform.libc } : {}),
      optional: true,
      ...(platform.os ? { os: platform.os } : {}),
    };
  }
  const [root, ...rest] = Object.entries(packages);
  rest.sort(([one], [other]) => one.localeCompare(other, 'en'));
  lock.packages = Object.fromEntries([root, ...rest]);
  fs.writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
}

module.exports = { missingFrom };

if (require.main === module) runScript(complete);
