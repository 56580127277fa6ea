import { existsSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { nearestNames } from '../base/nearest-names.ts';
import { AppError } from '../errors.ts';
import { findDeclaration } from '../platform/find-declaration.ts';
import { foldersOf } from '../platform/state-file.ts';
import { coloredLine, paint } from './terminal.ts';

interface LogsFlags {
  readonly file: string;
  readonly stateDir?: string;
  readonly lines: number;
  readonly follow?: true;
}

const POLL_MS = 250;
/** Read from the end of each file; more lines than fit are not shown. */
const TAIL_BYTES_MAX = 4 * 1024 * 1024;

/** `signalbox platform logs [process…]`: the last lines of all in the order of their times. */
export async function logs(names: readonly string[], flags: LogsFlags): Promise<void> {
  const folder = foldersOf(findDeclaration(flags.file), flags.stateDir).logs;
  const known = existsSync(folder)
    ? readdirSync(folder).flatMap((name) => (name.endsWith('.log') ? [basename(name, '.log')] : []))
    : [];
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearestNames(name, known)[0];
    const remedy = near === undefined ? `there are ${known.join(', ')}` : `did you mean ${near}?`;
    throw new AppError('NOT_FOUND', `${name} has written nothing here; ${remedy}`);
  }
  const wanted = (names.length > 0 ? names : known).filter((name) => name !== 'platform');
  const tails = await Promise.all(wanted.map((name) => openTail(folder, name)));
  const first = (await Promise.all(tails.map((tail) => tail.read()))).flat();
  show(first.toSorted((one, other) => compare(one.line, other.line)).slice(-flags.lines));
  while (flags.follow) {
    await delay(POLL_MS);
    const more = (await Promise.all(tails.map((tail) => tail.read()))).flat();
    show(more.toSorted((one, other) => compare(one.line, other.line)));
  }
}

interface LogLine {
  readonly name: string;
  /** Begins with its time, so that lines sort by it. */
  readonly line: string;
}

const compare = (one: string, other: string): number => {
  const [first, second] = [one.slice(0, 24), other.slice(0, 24)];
  return first < second ? -1 : first > second ? 1 : 0;
};

/** Reads what is new in a log each time; a file that was replaced is read from its beginning. */
async function openTail(folder: string, name: string): Promise<{ read(): Promise<LogLine[]> }> {
  const path = join(folder, `${name}.log`);
  let position: number | undefined;
  let rest = '';
  return {
    async read() {
      const file = await open(path, 'r');
      try {
        const { size } = await file.stat();
        const isFirst = position === undefined;
        const from = isFirst
          ? Math.max(0, size - TAIL_BYTES_MAX)
          : position! > size
            ? 0
            : position!;
        const length = Math.min(size - from, TAIL_BYTES_MAX);
        const { buffer } = await file.read(Buffer.alloc(length), 0, length, from);
        position = from + length;
        const lines = (rest + buffer.toString('utf8')).split('\n');
        rest = lines.pop()!;
        return lines.map((line) => ({ name, line }));
      } finally {
        await file.close();
      }
    },
  };
}

function show(lines: readonly LogLine[]): void {
  for (const { line, name } of lines) {
    // A pipe gets what was written.
    const shown = process.stdout.isTTY ? coloredLine(line) : line;
    console.log(`${paint(process.stdout, 'dim', name.padEnd(16))} ${shown}`);
  }
}
