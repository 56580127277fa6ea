'use strict';
// `npm test [-- vitest arguments]`: the suite that needs Node alone.
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { ROOT, build, install, requireNode, runScript } = require('./setup.js');

const PROJECTS = ['unit', 'storage', 'e2e', 'e2e-measuring'];

runScript(() => {
  requireNode();
  install();
  build();
  const given = process.argv.slice(2);
  const projects = given.some((argument) => argument.startsWith('--project'))
    ? []
    : PROJECTS.map((name) => `--project=${name}`);
  const vitest = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...projects, ...given], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 2;
});
