'use strict';
const fs = require('node:fs');
const path = require('node:path');

const LOCK_WAIT_MS = 100;
/** A lock is written right after it is made; one that stays empty was left by a process that died in between. */
const LOCK_EMPTY_MS = 5_000;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Who holds a lock: its process, `undefined` when nobody does any more. */
function holderOf(lock) {
  try {
    const text = fs.readFileSync(lock, 'utf8');
    if (text === '') return Date.now() - fs.statSync(lock).mtimeMs < LOCK_EMPTY_MS ? 0 : undefined;
    return isAlive(Number(text)) ? Number(text) : undefined;
  } catch (error) {
    if (error.code === 'ENOENT') return 0;
    throw error;
  }
}

/** Two commands started side by side must not write the same files at once: the second waits. */
function withLock(lock, work) {
  fs.mkdirSync(path.dirname(lock), { recursive: true });
  let told = false;
  for (;;) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const holder = holderOf(lock);
      if (holder === undefined) {
        fs.rmSync(lock, { force: true });
        continue;
      }
      if (holder > 0 && !told) {
        process.stderr.write(
          `Waiting for process ${holder}, which does the same (if it does not, delete ${lock})\n`,
        );
        told = true;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_WAIT_MS);
    }
  }
  try {
    return work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

module.exports = { withLock };
