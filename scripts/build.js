'use strict';
const { build, install, requireNode, runScript } = require('./setup.js');

runScript(() => {
  requireNode();
  install();
  build();
});
