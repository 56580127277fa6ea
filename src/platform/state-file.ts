import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { makeDirectory } from '../base/make-directory.ts';
import { AppError, messageOf } from '../errors.ts';
import type { ProcessId } from './process-group.ts';

/**
 * `starting` until it is ready for the first time; `unready` when it no longer says so; `waiting` between two
 * starts; `stopped` when it ended and is not to be started again; `failed` when it was given up.
 */
export type ProcessState =
  | 'planned'
  | 'starting'
  | 'running'
  | 'unready'
  | 'waiting'
  | 'stopped'
  | 'failed';

export interface ProcessRecord {
  readonly name: string;
  readonly kind: string;
  readonly serviceName: string | null;
  readonly state: ProcessState;
  readonly url: string | null;
  readonly process: ProcessId | null;
  readonly restarts: number;
  /** Of the last time that it ended by itself, e.g. `exit 1` or `SIGKILL`. */
  readonly lastExit: string | null;
  readonly sinceMs: number;
  readonly digest: string;
}

/** What a running platform says of itself, for the verbs that ask; readable by its owner alone. */
export interface PlatformState {
  readonly version: 1;
  readonly platform: string;
  readonly file: string;
  readonly phase: 'starting' | 'ready' | 'stopping';
  readonly supervisor: ProcessId;
  readonly startedAtMs: number;
  /** Where telemetry goes; null when it is off. */
  readonly telemetry: string | null;
  /** Signs in at the Signalbox that was started, once. */
  readonly signInUrl: string | null;
  readonly processes: readonly ProcessRecord[];
}

/** The folders of one platform, beside its declaration. */
export interface PlatformFolders {
  readonly state: string;
  readonly logs: string;
  readonly data: string;
  readonly gateway: string;
}

/** `.signalbox` beside the declaration unless another folder is named. */
export function foldersOf(declarationFile: string, stateDir?: string): PlatformFolders {
  const state =
    stateDir === undefined ? join(dirname(declarationFile), '.signalbox') : resolve(stateDir);
  return {
    state,
    logs: join(state, 'logs'),
    data: join(state, 'data'),
    gateway: join(state, 'gateway'),
  };
}

/** Makes them, out of version control's sight. */
export function makeFolders({ logs, state }: PlatformFolders): void {
  makeDirectory(state, 0o700);
  makeDirectory(logs, 0o700);
  writeFileSync(join(state, '.gitignore'), '*\n');
}

const pathOf = (folders: PlatformFolders): string => join(folders.state, 'platform.json');

/** Replaced in one step, so that nobody reads half of it. */
export function writeState(folders: PlatformFolders, state: PlatformState): void {
  const path = pathOf(folders);
  writeFileSync(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Undefined when the platform is down. */
export function readState(folders: PlatformFolders): PlatformState | undefined {
  let text: string;
  try {
    text = readFileSync(pathOf(folders), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const state = JSON.parse(text) as PlatformState;
    if (state.version === 1 && Array.isArray(state.processes)) return state;
    throw new TypeError('it is of another version');
  } catch (error) {
    throw new AppError(
      'PLATFORM_STATE_UNREADABLE',
      `${pathOf(folders)} cannot be read: ${messageOf(error)}. End the platform's processes and delete it.`,
      { cause: error },
    );
  }
}

export function removeState(folders: PlatformFolders): void {
  rmSync(pathOf(folders), { force: true });
}
