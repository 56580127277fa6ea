import { appendFileSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { capture } from '../session/capture.ts';
import { HOOK_NAMES, PROVIDERS } from '../session/hook-event.ts';
import type { HookName, Provider } from '../session/hook-event.ts';
import { parseObject } from '../session/read-session.ts';
import { openSigningKey, signingKeyPath } from '../base/signing-key.ts';

/**
 * `signalbox hook`: called by a coding agent at every step, so it loads nothing that it does not need, is done in
 * tens of milliseconds, and never fails: what goes wrong is written to a log, and the agent goes on.
 */

type Environment = Readonly<Record<string, string | undefined>>;

const LOG_BYTES_MAX = 1024 * 1024;

/** `argv` without the verb: `[--provider P] [--dir DIR] [--keep-secrets] HOOK`. */
export function hook(argv: readonly string[], env: Environment): void {
  const home = env['HOME'] || homedir();
  try {
    const flag = (name: string): string | undefined => {
      const at = argv.indexOf(name);
      return at === -1 ? undefined : argv[at + 1];
    };
    const provider = flag('--provider') ?? 'claude';
    const name = HOOK_NAMES.find((each) => argv.includes(each));
    if (!isProvider(provider) || name === undefined) {
      throw new Error(
        `not a hook: ${argv.join(' ')}; there are ${HOOK_NAMES.join(', ')} for ${PROVIDERS.join(', ')}`,
      );
    }
    const text = readFileSync(0, 'utf8');
    const payload = parseObject(text);
    if (payload === undefined)
      throw new Error(`${name} was given no JSON object: ${text.slice(0, 200)}`);
    const nowNs = wallClockNs();
    const known = capture(payload, {
      provider,
      hook: name satisfies HookName,
      root: flag('--dir') ?? (env['SIGNALBOX_SESSION_DIR'] || undefined),
      cwd: process.cwd(),
      // An agent that was started by another one has that one's variables as well.
      project: env[`${provider.toUpperCase()}_PROJECT_DIR`],
      home,
      parentPid: process.ppid,
      key: openSigningKey(env['SIGNALBOX_SESSION_KEY'] || signingKeyPath(home)),
      nowNs: () => nowNs,
      keepSecrets:
        argv.includes('--keep-secrets') || env['SIGNALBOX_SESSION_KEEP_SECRETS'] === 'true',
    });
    if (!known) throw new Error(`${name} of ${provider} names no session`);
  } catch (error) {
    logFailure(home, error);
  }
  // Whatever stops this process stops the agent's step.
  process.exitCode = 0;
}

const isProvider = (text: string): text is Provider =>
  (PROVIDERS as readonly string[]).includes(text);

/** With the digits below the millisecond that the process clock has. */
function wallClockNs(): bigint {
  const microseconds = Math.round((performance.timeOrigin + performance.now()) * 1000);
  return BigInt(microseconds) * 1000n;
}

function logFailure(home: string, error: unknown): void {
  try {
    const folder = join(home, '.signalbox');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, 'hook-errors.log');
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > LOG_BYTES_MAX) renameSync(path, `${path}.1`);
    const text = error instanceof Error ? error.message : String(error);
    appendFileSync(path, `${new Date().toISOString()} ${text.replaceAll('\n', ' ')}\n`, {
      mode: 0o600,
    });
  } catch {
    // There is nowhere left to say it.
  }
}
