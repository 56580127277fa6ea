'use strict';
const path = require('node:path');
const { PRODUCT, ROOT, build, install, requireNode, runScript } = require('./setup.js');

runScript(() => {
  requireNode();
  install();
  build(PRODUCT);
  // The command itself, in this process: no second Node to start, and signals reach it directly.
  const command = path.join(ROOT, 'bin', 'signalbox.js');
  process.argv = [process.argv[0], command, 'serve', ...process.argv.slice(2)];
  require(command);
});
