'use strict';
// Loaded into the npm that installs: the lock is its own from here on, however its parent ends.
const fs = require('node:fs');
const { INSTALL_LOCK } = require('./setup.js');

fs.writeFileSync(INSTALL_LOCK, String(process.pid));
