'use strict';
// `npm run generate`: writes the references in docs/ from the code they describe. The tests compare the
// files with the code, so that neither changes alone.
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { ROOT, install, requireNode, runScript } = require('./setup.js');

runScript(() => {
  requireNode();
  install();
  const vitest = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const tests = [
    'test/generated.test.ts',
    'test/api-client.test.ts',
    'src/semconv/dialect-reference.test.ts',
  ];
  const args = ['run', '--project=unit', ...tests, '--update'];
  const { status } = spawnSync(process.execPath, [vitest, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 2;
});
