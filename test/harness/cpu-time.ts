import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second, whatever its own clock does (man 5 proc). */
const TICK_MS = 10;

/** CPU time, in milliseconds, that the live processes of a group have used, with their ended children. Linux only. */
export function cpuMsOf(processGroup: number): number {
  const ticks = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        // After the command's name, which may hold anything in its brackets: state, ppid, pgrp, …
        return readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')
          .map(Number);
      } catch {
        // It ended while the list was read.
        return [];
      }
    })
    .filter((fields) => fields[2] === processGroup)
    .map((fields) => fields.slice(11, 15).reduce((sum, part) => sum + part, 0));
  return ticks.reduce((sum, part) => sum + part, 0) * TICK_MS;
}
