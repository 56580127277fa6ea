import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';

import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../errors.ts';
import { compilePolicies, type PolicySet } from './compile-policies.ts';
import type { Policy } from './policy-schema.ts';

export interface ReadPolicies {
  readonly policies: readonly Policy[];
  /** The file that each policy stands in, by its name. */
  readonly fileOf: ReadonlyMap<string, string>;
}

export interface PolicyKeeper {
  current(): PolicySet;
  /** Why the newest change was not taken; '' when it was. */
  problem(): string;
  /** Where the policies in force come from, and since when; times are milliseconds since 1970 UTC. */
  origin(): {
    readonly fileOf: ReadonlyMap<string, string>;
    readonly loadedAtMs: number;
    /** When the newest change was found wrong; undefined while there is no problem. */
    readonly problemAtMs: number | undefined;
  };
  /** Reads the files anew. */
  reload(): void;
  onChanged(listener: (policies: PolicySet) => void): void;
  close(): void;
}

/** Editors write a file in several steps. */
const DEBOUNCE_MS = 200;

/** Keeps the policies of files, and takes their changes while it runs; what cannot be read leaves the old ones in force. */
export function keepPolicies(options: {
  readonly first: ReadPolicies;
  /** Reads the files again; throws when they are wrong. */
  readonly read: () => ReadPolicies;
  /** A file or folder each. */
  readonly watched: readonly string[];
  readonly clock: Clock;
  readonly onProblem: (message: string) => void;
}): PolicyKeeper {
  const { clock, first } = options;
  let current = compilePolicies(first.policies);
  let problem = '';
  let problemAtMs: number | undefined;
  let { fileOf } = first;
  let loadedAtMs = clock.now();
  let timer: NodeJS.Timeout | undefined;
  const listeners: ((policies: PolicySet) => void)[] = [];

  const reload = (): void => {
    try {
      const read = options.read();
      const next = compilePolicies(read.policies);
      problem = '';
      problemAtMs = undefined;
      fileOf = read.fileOf;
      if (next.version === current.version) return;
      current = next;
      loadedAtMs = clock.now();
      for (const listener of listeners) listener(next);
    } catch (error) {
      problem = messageOf(error);
      problemAtMs = clock.now();
      options.onProblem(`the policies in force stay, because the new ones are wrong: ${problem}`);
    }
  };
  const reloadSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(reload, DEBOUNCE_MS);
  };
  const watchers = options.watched.flatMap((path) => watchPath(path, reloadSoon));
  return {
    current: () => current,
    problem: () => problem,
    origin: () => ({ fileOf, loadedAtMs, problemAtMs }),
    reload,
    onChanged: (listener) => void listeners.push(listener),
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** Watches the folder of a file, because a file that is replaced is another one; and a folder's own entries. */
function watchPath(path: string, onChange: () => void): FSWatcher[] {
  const targets = [
    { folder: path, name: undefined },
    { folder: dirname(path), name: basename(path) },
  ];
  return targets.flatMap(({ folder, name }) => {
    try {
      const watcher = watch(folder, { persistent: false }, (_, changed) => {
        if (name === undefined || changed === null || changed === name) onChange();
      });
      // What is watched may go away; then there is nothing to notice any more.
      watcher.on('error', () => watcher.close());
      return [watcher];
    } catch {
      return [];
    }
  });
}
