import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import type { Session, SessionFolders } from '../session/read-session.ts';
import { sessionFolderOf } from '../session/session-folder.ts';
import { openSigningKey, signingKeyPath } from '../base/signing-key.ts';
import type { SigningKey } from '../base/signing-key.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A flag that all verbs of sessions have. */
export interface PlaceFlags {
  /** Where sessions are kept. */
  readonly dir?: string;
}

export const homeOf = (env: Environment): string => env['HOME'] || homedir();

/** Where sessions are: named by a flag, by `SIGNALBOX_SESSION_DIR`, or those of the project around the working directory. */
export function foldersOf(flags: PlaceFlags, env: Environment): SessionFolders {
  const named = flags.dir ?? (env['SIGNALBOX_SESSION_DIR'] || undefined);
  const root = named === undefined ? sessionFolderOf(process.cwd(), homeOf(env)) : resolve(named);
  // agent-strace keeps its sessions beside ours; a folder of its own may be named, too.
  return {
    root,
    foreignRoot: root.endsWith('.agent-traces')
      ? root
      : env['AGENT_TRACE_DIR'] || join(dirname(dirname(root)), '.agent-traces'),
  };
}

export const keyOf = (env: Environment): SigningKey =>
  openSigningKey(env['SIGNALBOX_SESSION_KEY'] || signingKeyPath(homeOf(env)));

export const nowNs = (): bigint =>
  BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;

export const shortId = ({ id }: Session): string => (id.length > 12 ? id.slice(0, 12) : id);

/** As `1 session`, `2 sessions`. */
export const sessionCount = (count: number): string => `${count} session${count === 1 ? '' : 's'}`;
