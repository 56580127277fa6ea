'use strict';
const path = require('node:path');
const { ROOT, build, install, requireNode, runScript } = require('./setup.js');

runScript(() => {
  requireNode();
  install();
  build();
  const command = path.join(ROOT, 'bin', 'signalbox.js');
  const example = path.join(ROOT, 'examples', 'assistant');
  const given = process.argv.slice(2);
  process.argv = [process.argv[0], command, 'platform', 'up', '--file', example, ...given];
  require(command);
});
