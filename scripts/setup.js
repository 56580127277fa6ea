'use strict';
// What `npm start`, `npm test` and `npm run build` share: a checkout that has just been cloned becomes one
// that runs, and one that is ready already is left alone. Only Node's own modules may be used here,
// because nothing is installed yet.
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { withLock } = require('./lock.js');

const ROOT = path.join(__dirname, '..');
const DIST = path.join(ROOT, 'dist');
const INSTALL_STAMP = path.join(ROOT, 'node_modules', '.signalbox-install');
const BUILD_STAMP = path.join(DIST, '.build-stamp.json');
const BUILD_LOCK = path.join(DIST, '.build-lock');
// Not in node_modules, which an installation empties.
const INSTALL_LOCK = path.join(DIST, '.install-lock');

/** A failure whose message is the whole story; the scripts print it without a stack. */
class SetupError extends Error {}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(
    `Signalbox needs Node 20.19 or newer and this is Node ${process.versions.node}. Install a newer Node from https://nodejs.org and try again.`,
  );
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Runs a Node program with its output on standard error, so that standard output stays the server's. */
function runNode(args, failure) {
  const result = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) throw new SetupError(failure);
}

function timed(label, work) {
  const started = Date.now();
  say(`${label} …`);
  work();
  say(`${label}: done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Every file below `folder`, as sorted paths relative to it; empty when there is no such folder. */
function listFiles(folder, wanted = () => true) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)))
    .filter(wanted)
    .sort();
}

/** A digest of what a build reads: names and contents, since a checkout changes times and not contents. */
function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const absolute = path.join(ROOT, file);
    if (fs.existsSync(absolute))
      hash.update(`${file}\0`).update(fs.readFileSync(absolute)).update('\0');
  }
  return hash.digest('hex');
}

// ── dependencies ──

function installDigest() {
  return `${digestOf(['package-lock.json'])} ${process.platform} ${process.arch}\n`;
}

/**
 * Whether npm's own record of node_modules holds every package of the lock file at its version.
 * Optional packages may be absent: they are other platforms' binaries.
 */
function installMatchesLock() {
  const wanted = readJson(path.join(ROOT, 'package-lock.json'));
  const present = readJson(path.join(ROOT, 'node_modules', '.package-lock.json'));
  if (!wanted || !present) return false;
  return Object.entries(wanted.packages).every(([location, entry]) => {
    if (location === '') return true;
    const found = present.packages[location];
    return found ? found.version === entry.version : Boolean(entry.optional || entry.devOptional);
  });
}

/** `npm ci` empties node_modules first, and through a link it would empty another checkout's. */
function refuseLinkedModules() {
  const folder = path.join(ROOT, 'node_modules');
  if (!fs.lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  throw new SetupError(
    `node_modules is a link to ${fs.realpathSync(folder)} and does not hold what package-lock.json wants. Remove the link and try again.`,
  );
}

function npmCli() {
  // `npm start` names the npm that runs it; a bare `node scripts/start.js` finds the one beside node.
  const candidates = [
    process.env.npm_execpath,
    path.join(
      path.dirname(process.execPath),
      '..',
      'lib',
      'node_modules',
      'npm',
      'bin',
      'npm-cli.js',
    ),
    path.join(path.dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const found = candidates.find(
    (file) => file && file.endsWith('npm-cli.js') && fs.existsSync(file),
  );
  if (!found) throw new SetupError('npm was not found beside Node. Run `npm ci` and try again.');
  return found;
}

function isInstalled(digest) {
  return fs.existsSync(INSTALL_STAMP) && fs.readFileSync(INSTALL_STAMP, 'utf8') === digest;
}

function install() {
  const digest = installDigest();
  if (isInstalled(digest)) return;
  withLock(INSTALL_LOCK, () => {
    if (isInstalled(digest)) return;
    if (!installMatchesLock()) {
      refuseLinkedModules();
      timed('Installing dependencies (needed once, a few minutes at most)', runInstall);
    }
    fs.writeFileSync(INSTALL_STAMP, digest);
  });
}

function runInstall() {
  // When this process is stopped, npm may go on without it: then npm is whom the next command waits for.
  const takeLock = ['--require', path.join(__dirname, 'take-install-lock.js')];
  const command = [npmCli(), 'ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  runNode(
    [...takeLock, ...command],
    'The dependencies could not be installed. npm says why above; `npm ci` tries again.',
  );
}

// ── build ──

/** Tests, benchmarks and the suites that storage implementations share stay behind; tsconfig.build.json agrees. */
const isShipped = (file) => !/\.(test|bench)\.ts$|(^|[\\/])conformance[^\\/]*\.ts$/.test(file);

function serverInputs() {
  return [
    ...listFiles(path.join(ROOT, 'src'), isShipped).map((file) => path.join('src', file)),
    'tsconfig.json',
    'tsconfig.build.json',
    'package-lock.json',
  ];
}

function webInputs() {
  const isSource = (file) => !/(^|[\\/])(node_modules|dist)[\\/]|\.test\.tsx?$/.test(file);
  return [
    ...listFiles(path.join(ROOT, 'web'), isSource).map((file) => path.join('web', file)),
    ...listFiles(path.join(ROOT, 'src', 'model'), isShipped).map((file) =>
      path.join('src/model', file),
    ),
    'package-lock.json',
  ];
}

/** Deletes what an earlier build left of sources that are gone, so that it is neither run nor packed. */
function removeOrphans(outputs) {
  for (const file of listFiles(DIST)) {
    const kept = file.startsWith(`web${path.sep}`) || file.startsWith('.') || outputs.has(file);
    if (!kept) fs.rmSync(path.join(DIST, file));
  }
}

function buildServer() {
  runNode(
    [path.join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
    'The server does not compile; the compiler says where above.',
  );
  writeDeclarationTypes();
  const assets = listFiles(path.join(ROOT, 'src'), isShipped).filter(
    (file) => !file.endsWith('.ts'),
  );
  for (const file of assets) {
    fs.mkdirSync(path.dirname(path.join(DIST, file)), { recursive: true });
    fs.copyFileSync(path.join(ROOT, 'src', file), path.join(DIST, file));
  }
  removeOrphans(new Set(serverOutputs()));
}

/** The one module that users import, with its types: `signalbox/platform`. */
const PUBLIC_MODULE = path.join('platform', 'declaration.ts');

function writeDeclarationTypes() {
  const options = '--ignoreConfig --declaration --emitDeclarationOnly --module nodenext --outDir';
  const folders = [path.join(DIST, path.dirname(PUBLIC_MODULE)), path.join('src', PUBLIC_MODULE)];
  runNode(
    [path.join('node_modules', 'typescript', 'bin', 'tsc'), ...options.split(' '), ...folders],
    'The types of the platform cannot be written; the compiler says why above.',
  );
}

function serverOutputs() {
  const sources = listFiles(path.join(ROOT, 'src'), isShipped);
  return [
    ...sources.map((file) => file.replace(/\.ts$/, '.js')),
    PUBLIC_MODULE.replace(/\.ts$/, '.d.ts'),
  ];
}

function webOutputs() {
  return listFiles(path.join(DIST, 'web')).map((file) => path.join('web', file));
}

function buildWeb() {
  runNode(
    [
      path.join('node_modules', 'vite', 'bin', 'vite.js'),
      'build',
      'web',
      '--outDir',
      path.join(DIST, 'web'),
      '--emptyOutDir',
      '--logLevel',
      'warn',
    ],
    'The web pages do not build; the bundler says where above.',
  );
}

function sdkInputs() {
  const isSource = (file) => /^src[\\/]|^package\.json$|^tsconfig\.build\.json$/.test(file);
  return [
    ...listFiles(path.join(ROOT, 'sdk'), (file) => isSource(file) && isShipped(file)).map((file) =>
      path.join('sdk', file),
    ),
    'scripts/build-sdk.mjs',
    'tsconfig.json',
    'package-lock.json',
  ];
}

function buildSdk() {
  runNode(
    [path.join('scripts', 'build-sdk.mjs')],
    'The SDK does not build; the compiler or the bundler says where above.',
  );
}

function sdkOutputs() {
  const folder = path.join(ROOT, 'sdk', 'dist');
  return listFiles(folder).map((file) => path.join('..', 'sdk', 'dist', file));
}

const PARTS = [
  { name: 'server', inputs: serverInputs, build: buildServer, outputs: serverOutputs },
  { name: 'web', inputs: webInputs, build: buildWeb, outputs: webOutputs },
  { name: 'sdk', inputs: sdkInputs, build: buildSdk, outputs: sdkOutputs },
];
/** What the server itself is made of. */
const PRODUCT = ['server', 'web'];
const EVERYTHING = PARTS.map(({ name }) => name);

function isWhole({ outputs = [] }) {
  return outputs.length > 0 && outputs.every((file) => fs.existsSync(path.join(DIST, file)));
}

function stale(names) {
  const stamp = readJson(BUILD_STAMP) ?? {};
  return PARTS.filter(({ name }) => names.includes(name))
    .map((part) => ({ ...part, digest: digestOf(part.inputs()) }))
    .filter(({ name, digest }) => stamp[name]?.digest !== digest || !isWhole(stamp[name]));
}

/** Builds the parts whose sources differ from what was built last, or of which something is missing. */
function build(names = EVERYTHING) {
  if (stale(names).length === 0) return;
  withLock(BUILD_LOCK, () => {
    for (const part of stale(names)) {
      timed(`Building the ${part.name}`, part.build);
      const built = { digest: part.digest, outputs: part.outputs() };
      const stamp = { ...readJson(BUILD_STAMP), [part.name]: built };
      fs.writeFileSync(BUILD_STAMP, `${JSON.stringify(stamp, null, 2)}\n`);
    }
  });
}

/** Runs a script's body; an expected failure is one sentence and exit code 2. */
function runScript(body) {
  try {
    body();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = 2;
  }
}

module.exports = { INSTALL_LOCK, PRODUCT, ROOT, build, install, requireNode, runScript };
