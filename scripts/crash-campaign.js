'use strict';
// `npm run crash-campaign -- --kills N [--seed S]`: the test of `kill -9` under load, for as long as wanted. The same seed gives
// the same moments; without one they are different each time.
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { ROOT, build, install, requireNode, runScript } = require('./setup.js');

runScript(() => {
  requireNode();
  install();
  build();
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '500' },
      seed: { type: 'string', default: String(1 + (Date.now() % 2_147_483_645)) },
    },
  });
  process.stderr.write(`${values.kills} kills, --seed ${values.seed}\n`);
  const vitest = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--project=e2e', 'test/e2e/reliability/kill.test.ts'],
    {
      cwd: ROOT,
      stdio: 'inherit',
      env: {
        ...process.env,
        SIGNALBOX_TEST_KILLS: values.kills,
        SIGNALBOX_TEST_SEED: values.seed,
      },
    },
  );
  process.exitCode = status ?? 2;
});
